// A prediction: a question and its answers, chosen by a button or by its number, before what is asked about is run.
// Nothing here knows which answer is so: the kernel says it once the lesson's cell has run.

function render({ model, el }) {
  const words = model.get("words"), choices = model.get("choices");
  const make = (tag, className, text) => {
    const node = document.createElement(tag);
    node.className = className;
    if (text !== undefined) node.textContent = text;
    // JupyterLab takes the keys of a focused element, unless it has this itself.
    if (tag === "button" || tag === "div") node.setAttribute("data-lm-suppress-shortcuts", "true");
    return node;
  };
  const root = make("div", "smtplab-predict");
  root.setAttribute("role", "group");
  root.setAttribute("aria-label", `${words.title} ${model.get("question")}`);
  const question = make("p", "question");
  question.append(make("b", "", words.title), ` ${model.get("question")}`);
  const said = make("p", "said");
  said.setAttribute("role", "status");
  const buttons = choices.map((choice, i) => {
    const node = make("button", "choice");
    node.type = "button";
    node.append(make("b", "", `${i + 1} `), choice);
    node.onclick = () => choose(i + 1);
    return node;
  });
  function choose(number) {
    if (model.get("told")) return;
    model.set("chosen", number);
    model.save_changes();
  }
  function draw() {
    const chosen = model.get("chosen"), told = model.get("told");
    buttons.forEach((node, i) => {
      node.setAttribute("aria-pressed", String(i + 1 === chosen));
      node.setAttribute("aria-disabled", String(Boolean(told)));
    });
    const next = model.get("alive") ? (chosen ? words.chosen.replace("{}", chosen) : words.how) : words.alone;
    said.textContent = told || next;
  }
  root.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || !/^[1-9]$/.test(event.key)) return;
    event.preventDefault();
    event.stopPropagation();
    const number = Number(event.key);
    if (number > choices.length) return;
    buttons[number - 1].focus();
    choose(number);
  });
  root.append(question, ...buttons, said);
  el.replaceChildren(root);
  model.on("change:chosen", draw);
  model.on("change:told", draw);
  draw();
}
export default { render };
