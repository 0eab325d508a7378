// The bytes of a step: one closed line, then hex and characters with named fields, then prose.
// No script of its own: it is put before player.js.

const DUMPED = 512; // bytes shown with their fields; more are shown on request

// JupyterLab takes the keys of a focused element, unless it has this itself (its parents don't count).
function ownKeys(node) {
  node.setAttribute("data-lm-suppress-shortcuts", "true");
  return node;
}

function make(tag, className, text) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text !== undefined) node.textContent = text;
  if (/^(button|summary|select)$/.test(tag)) ownKeys(node);
  return node;
}

function inside(parent, ...children) {
  parent.append(...children);
  return parent;
}

const bytes = (number) => `${number} ${number === 1 ? "byte" : "bytes"}`;

function pairs(hex) {
  return hex.match(/../g) || [];
}

function character(pair) {
  const code = parseInt(pair, 16);
  return code >= 32 && code < 127 ? String.fromCharCode(code) : "·";
}

function plainDump(all) {
  const lines = [];
  for (let at = 0; at < all.length; at += 16) {
    const row = all.slice(at, at + 16);
    lines.push(`${at.toString(16).padStart(4, "0")}  ${row.join(" ").padEnd(47)}  ${row.map(character).join("")}`);
  }
  return lines.join("\n");
}

function scrolling(label, node) {
  ownKeys(node).tabIndex = 0;
  node.setAttribute("role", "group");
  node.setAttribute("aria-label", label);
  return node;
}

// Rows of 16 with a span for each byte and each character, and a function that marks some of them.
function dump(all) {
  const box = scrolling("bytes in hex and as characters", make("pre", "dump"));
  const spans = [], width = Math.min(16, all.length);
  for (let at = 0; at < all.length; at += 16) {
    const row = all.slice(at, at + 16);
    box.append(make("span", "offset", at.toString(16).padStart(4, "0")), "  ");
    row.forEach((pair, i) => {
      spans[at + i] = [make("span", "", pair), make("span", "", character(pair))];
      box.append(spans[at + i][0], " ");
    });
    box.append(" ".repeat(3 * (width - row.length) + 1));
    box.append(...row.map((_, i) => spans[at + i][1]), "\n");
  }
  const mark = (field) => spans.forEach((both, at) => {
    const end = field ? field.offset + field.length : 0;
    const own = field && at >= field.offset && at < end;
    const owned = field && field.owns != null && at >= end && at < end + field.owns;
    both.forEach((span) => { span.className = own ? "own" : owned ? "owned" : ""; });
  });
  return { box, mark };
}

function covers(field, here) {
  const from = field.offset + field.length, to = from + field.owns;
  const came = Math.max(0, Math.min(field.owns, here - from));
  const missing = came < field.owns ? `; ${came || "none"} of them in the bytes above` : `, offsets ${from} to ${to - 1}`;
  return field.owns ? `covers the next ${bytes(field.owns)}${missing}` : "covers nothing";
}

function fieldList(step, all, mark) {
  const list = make("ul", "fields");
  const buttons = [];
  step.fields.forEach((field) => {
    const button = make("button", "field");
    button.type = "button";
    const last = field.offset + field.length - 1;
    const where = field.length > 1 ? `offsets ${field.offset} to ${last}` : `offset ${field.offset}`;
    inside(button, make("b", "", field.name), ` = ${field.value}`);
    button.onclick = () => {
      const on = button.getAttribute("aria-pressed") !== "true";
      buttons.forEach((other) => other.setAttribute("aria-pressed", "false"));
      button.setAttribute("aria-pressed", String(on));
      mark(on ? field : null);
    };
    button.setAttribute("aria-pressed", "false");
    buttons.push(button);
    const note = `${where}, ${bytes(field.length)}${field.owns == null ? "" : `; ${covers(field, all.length)}`}`;
    list.append(inside(make("li"), button, make("span", "where", note)));
  });
  const first = step.fields.findIndex((field) => field.owns != null);
  if (first >= 0) buttons[first].click();
  return list;
}

function prose(step) {
  const list = make("dl", "prose");
  const said = new Set();
  step.fields.forEach((field) => {
    if (said.has(field.name + field.prose)) return;
    said.add(field.name + field.prose);
    list.append(make("dt", "", field.name), make("dd", "", field.prose));
  });
  return list;
}

function folded(summary, className, content, open, remember) {
  const node = make("details", className);
  node.open = open;
  node.append(make("summary", "", summary));
  let filled = false;
  const fill = () => {
    if (node.open && !filled) node.append(...content());
    filled ||= node.open;
  };
  fill();
  node.addEventListener("toggle", () => { fill(); remember(node.open); });
  return node;
}

function bytesOf(step, open) {
  const all = pairs(step.hex);
  const note = step.in_clear ? " (decrypted, as OpenSSL reported it)" : "";
  const title = `Bytes: ${bytes(all.length)}${note}, ${step.label}`;
  if (!all.length) return make("p", "none", "This step has no bytes to show.");
  return folded(title, "bytes", () => {
    const { box, mark } = dump(all.slice(0, DUMPED));
    const parts = [box, fieldList(step, all, mark)];
    if (all.length > DUMPED) {
      parts.splice(1, 0, folded(`The first ${DUMPED} are shown; all ${bytes(all.length)}`, "all",
        () => [scrolling("all bytes", make("pre", "dump", plainDump(all)))], false, () => {}));
    }
    if (step.fields.length) {
      parts.push(folded("In words", "words", () => [prose(step)], open.words, (on) => { open.words = on; }));
    }
    return parts;
  }, open.bytes, (on) => { open.bytes = on; });
}
