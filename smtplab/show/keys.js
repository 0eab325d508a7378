// Keeps the keys that are pressed in a widget from the notebook around it.
const KEYED = "select, button, summary, [tabindex='0']";

function render({ model, el }) {
  const inside = model.get("inside");
  let observer = null, ended = false;
  el.style.display = "none";
  const mark = (widget) => {
    for (const node of widget.querySelectorAll(KEYED)) {
      if (!node.hasAttribute("data-lm-suppress-shortcuts")) {
        node.setAttribute("data-lm-suppress-shortcuts", "true"); // or JupyterLab takes the keys; its parents don't count
      }
    }
  };
  const start = () => {
    const widget = el.closest(inside);
    if (ended) return;
    if (!widget) { requestAnimationFrame(start); return; } // not in the page yet
    mark(widget);
    observer = new MutationObserver(() => mark(widget));
    observer.observe(widget, { childList: true, subtree: true });
  };
  start();
  return () => { ended = true; if (observer) observer.disconnect(); };
}

export default { render };
