// The lens in the page: first bytes as cells, the checks on them, and what the real OpenSSL answered. It evaluates
// `judge` of openssl_checks.js itself; text goes into the page as text only.

const MOST_CELLS = 96;
const count = (number) => number.toLocaleString("en");
const bytesOf = (text) => Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16));
const hexOf = (bytes) => Array.from(bytes, (byte) => hex(byte, 2)).join("");

/** An element with these attributes and children; a string becomes text, never HTML. */
function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.setAttribute("data-lm-suppress-shortcuts", "true"); // or JupyterLab takes the keys; its parents don't count
  element.append(...children);
  return element;
}

/** Bytes as text on one line, as `show_bytes` writes them. */
function showBytes(bytes) {
  return Array.from(bytes, (byte) => ({ 13: "\\r", 10: "\\n", 92: "\\\\" }[byte])
    ?? (byte >= 32 && byte < 127 ? String.fromCharCode(byte) : `\\x${hex(byte, 2)}`)).join("");
}

/** What was typed, as bytes: hex, or text with the escapes \r \n \\ \xNN; null if it isn't hex. */
function parseTyped(text, as) {
  if (as === "hex") {
    const digits = text.replace(/[\s:]|0x/g, "");
    return /^([0-9a-f]{2})*$/i.test(digits) ? bytesOf(digits) : null;
  }
  const out = [];
  for (const [part] of text.matchAll(/\\x[0-9a-f]{2}|\\[rn\\]|[^]/giu)) {
    const escaped = { "\\r": 13, "\\n": 10, "\\\\": 92 }[part];
    if (escaped !== undefined) out.push(escaped);
    else if (/^\\x/i.test(part)) out.push(parseInt(part.slice(2), 16));
    else out.push(...new TextEncoder().encode(part));
  }
  return Uint8Array.from(out);
}

/** [what a cell shows, what a screen reader hears] for a byte read as a character. */
function characterOf(byte) {
  const control = { 9: ["\\t", "tab"], 10: ["\\n", "line feed"], 13: ["\\r", "carriage return"], 32: ["␣", "space"] };
  return control[byte] ?? (byte > 32 && byte < 127 ? Array(2).fill(String.fromCharCode(byte)) : ["·", "none"]);
}

const FIELDS = [["content_type", 0, 1], ["legacy_record_version", 1, 3], ["length", 3, 5]];

/** The bytes as groups of a header's fields, what the length owns of those taken, and what was left unread. */
function groupsOf(data, found, names, came) {
  const { header, needed } = found, taken = Math.min(needed, data.length), after = Math.min(5, data.length);
  const values = header ? [
    [`${header.type}, that is ${nameOf(names.content_types, header.type)}`],
    [`0x${hex(header.version, 4)} (${header.version})`, `major version ${header.version >> 8}`],
    [`0x${hex(header.length, 4)}: ${count(header.length)} bytes`, "promised"]] : Array(3).fill(["not whole"]);
  const read = Math.max(after, taken);
  return [...FIELDS.map(([name, from, to], i) => ({ name, from, to, says: values[i] })),
          { name: "fragment", from: 5, to: read, says: [`${count(read - 5)} bytes, owned by length`] },
          { name: "unread", from: read, to: data.length,
            says: [`${count(came - read)} bytes that OpenSSL left unread`] }]
    .map((group) => ({ ...group, to: Math.min(group.to, data.length) })).filter((group) => group.from < group.to);
}

function byteName(data, index, field, came) {
  return `byte ${index + 1} of ${came}, hex ${hex(data[index], 2)}, character ${characterOf(data[index])[1]}, ${field}`;
}

/** The bytes as cells: [the header's fields, what follows]. */
function drawCells(data, found, names, came, at) {
  if (!data.length) return [[make("p", {}, "Not one byte came.")], []];
  const header = [make("div", { class: "smtplab-lens-heads", "aria-hidden": "true" }, ...["byte", "hex", "as SMTP",
    "as TLS"].map((head) => make("span", {}, head)))], rest = [];
  for (const group of groupsOf(data, found, names, came)) {
    const cells = make("div", { class: "smtplab-lens-cells" });
    for (let i = group.from; i < Math.min(group.to, MOST_CELLS); i++)
      cells.append(make("button", { type: "button", class: "smtplab-lens-byte", tabindex: i === at ? "0" : "-1",
                                    "data-index": i, "aria-label": byteName(data, i, group.name, came) },
                        make("span", { class: "smtplab-lens-number" }, `${i + 1}`), make("b", {}, hex(data[i], 2)),
                        make("span", {}, characterOf(data[i])[0])));
    const more = came - MOST_CELLS;
    if (more > 0 && group.to === data.length) cells.append(make("span", {}, `and ${count(more)} more, not drawn`));
    (group.from < 5 ? header : rest).push(make("div", { class: `smtplab-lens-field smtplab-lens-${group.name}` },
      cells, make("div", {}, make("code", {}, group.name)), ...group.says.map((line) => make("div", {}, line))));
  }
  return [header, rest];
}

function drawChecks(found) {
  const line = (sign, word, ...text) => make("li", { "data-word": word }, make("span", { "aria-hidden": "true" },
    sign), " ", make("strong", {}, word), ": ", ...text);
  const list = make("ol", { class: "smtplab-lens-checks", "aria-label": "OpenSSL's checks, in order" });
  for (const { check, passed, because } of found.checks)
    list.append(line(...(passed ? ["✓", "passed"] : ["✗", "FAILED"]), check, ", because ", make("em", {}, because)));
  for (const check of found.rest) list.append(line("–", "not reached", check));
  return list;
}

function verdictText(found, branch, names, came) {
  const does = found.verdict === "wait" ? `waits for ${count(found.needed)} bytes; ${count(came)} came`
    : `needed ${count(found.needed)} of ${count(came)} bytes to say so`;
  const run = branch.measured.length ? `run live in ${branch.measured.join(", ")}`
    : "not measured: they are inferred from the release date of the fix";
  return [`OpenSSL ${branch.name} says: ${found.verdict}`, `It ${does}.`,
          `Alert it sends: ${found.alert == null ? "none" : alertText(names, found.alert)}.`,
          `These checks were ${run}.`];
}

const promiseText = (header, came) =>
  header ? `The header promised ${count(header.length)} bytes; ${count(came - 5)} came.` : "";

/** Whether the real OpenSSL's last answer is what `judge` predicted for its version, in a sentence. */
function compare(last, predicted, names) {
  if (!predicted) return "There is no prediction for this OpenSSL.";
  const alert = last.alert_hex == null ? null : parseInt(last.alert_hex.slice(-2), 16);
  const said = last.says === "wants more" ? "wait" : last.says;
  const sends = (number) => number == null ? "no alert" : alertText(names, number);
  // What comes after a hello that was let in is no longer about the first bytes.
  const same = predicted.verdict === "accept" ? ["accept", "wait"].includes(said) : said === predicted.verdict
    && alert === predicted.alert && (said === "wait" || last.read === predicted.needed);
  return same ? `It agrees with the prediction: ${predicted.verdict}, ${sends(predicted.alert)}.`
    : `It differs from the prediction: ${predicted.verdict} after ${predicted.needed} bytes, ${
      sends(predicted.alert)}.`;
}

function drawAnswers(answers, real, predicted, names) {
  const last = answers.at(-1), list = make("ol", {
    class: "smtplab-lens-answers", "aria-label": `what the real ${real} answered` });
  answers.forEach(({ fed, says, alert_hex: sent }, i) => {
    if (i && fed !== answers[i - 1].fed + 1) list.append(make("li", {}, "and so on: wants more"));
    const sends = sent == null ? "" : `; it sends the alert ${sent.match(/../g).join(" ")}`;
    list.append(make("li", {}, `${fed} of ${last.fed}: ${says}${sends}`));
  });
  return [make("p", {}, `The real ${real}, given one byte at a time:`), list,
          make("p", { class: "smtplab-lens-agrees" }, compare(last, predicted, names))];
}

function select(label, options) {
  const element = make("select", {}, ...options.map(([value, text]) => make("option", { value }, text)));
  return [element, make("label", {}, `${label} `, element)];
}

const controlRow = (...labels) => make("div", { class: "smtplab-lens-controls" }, ...labels);
const measuredIn = (releases) => releases.length < 4 ? releases.join(", ")
  : `${releases.length} releases`;

/** The controls, as elements by name, and the row that they stand in. */
function controls(presets, branches, real) {
  const here = branchOf(branches, real);
  const [preset, presetLabel] = select("Pick:", [["", "your own bytes"], ...presets.map((p, i) => [i, p.label])]);
  const input = make("input", { type: "text", spellcheck: "false", autocomplete: "off" });
  const [as, asLabel] = select("typed as", [["text", "text, with \\r \\n \\xNN"], ["hex", "hex"]]);
  const [role, roleLabel] = select("Read by:", [["client", "a mail client's TLS"], ["server", "a mail server's TLS"]]);
  const [version, versionLabel] = select("OpenSSL:", branches.map((b) => [b.version, b.name
    + (b === here ? ", the one here" : "")
    + (b.measured.length ? ` (measured: ${measuredIn(b.measured)})` : " (not measured)")]));
  const inputLabel = make("label", { class: "smtplab-lens-typed" }, "First bytes: ", input);
  return { preset, input, as, role, version,
           row: make("div", {}, controlRow(presetLabel, roleLabel, versionLabel), controlRow(inputLabel, asLabel)) };
}

function render({ model, el }) {
  const branches = model.get("branches"), names = model.get("names"), presets = model.get("presets");
  const real = model.get("real_openssl"), most = 5 + Math.max(...branches.flatMap((b) => b.rules).filter(
    (rule) => rule.field === "length").map((rule) => rule.value));
  const { preset, input, as, role, version, row } = controls(presets, branches, real);
  const ask = make("button", { type: "button", class: "smtplab-lens-ask" }, "Ask the OpenSSL here, one byte at a time");
  const error = make("p", { role: "alert", class: "smtplab-lens-error" }), promise = make("p"), checks = make("div");
  const header = make("div", { class: "smtplab-lens-header", role: "group",
                               "aria-label": "the first five bytes; the arrow keys move along all bytes" });
  const rest = make("div", { class: "smtplab-lens-rest", role: "group", "aria-label": "the bytes after the header" });
  const detail = make("p", { class: "smtplab-lens-detail" }), answers = make("div", { role: "status" });
  const verdict = make("div", { class: "smtplab-lens-verdict", role: "status" });
  const bytes = make("div", { class: "smtplab-lens-bytes" }, make("div", { class: "smtplab-lens-readings" }, header,
    detail, promise, make("p", {}, make("strong", {}, "OpenSSL's checks on them, in order:")), checks, verdict), rest);
  // JupyterLab's one-letter commands ("x" cuts the cell) must not hear keys meant for this.
  const root = make("div", { class: "smtplab-lens" }, row, error, bytes);
  const note = make("p");
  root.append(note);
  if (model.get("alive")) root.append(ask, answers);
  let at = 0, drawing = false, asking = false;

  function draw() {
    drawing = false;
    const data = bytesOf(model.get("data_hex")), came = model.get("came"), reader = model.get("role");
    const branch = branchOf(branches, model.get("openssl")) ?? branches[0];
    const found = judge(data, branch, reader, names);
    const shown = found ?? { header: parseHeader(data), needed: data.length, checks: [], rest: [] };
    role.value = reader;
    version.value = branch.version;
    preset.value = presets.findIndex((p) => p.hex === model.get("data_hex") && p.role === reader
      && came === data.length);
    if (preset.selectedIndex < 0) preset.value = "";
    const focused = bytes.contains(document.activeElement);
    const [fields, following] = drawCells(data, shown, names, came, at);
    header.replaceChildren(...fields);
    rest.replaceChildren(...following);
    rest.hidden = !following.length;
    move(at, focused);
    promise.textContent = promiseText(shown.header, came);
    checks.replaceChildren(drawChecks(shown));
    verdict.replaceChildren(...(found ? verdictText(found, branch, names, came)
      : ["What a server with this OpenSSL checks was not measured."]).map((line) => make("p", {}, line)));
    note.textContent = model.get("note") ?? "";
    const said = model.get("answers"), here = branchOf(branches, real);
    answers.replaceChildren(...(said.length ? drawAnswers(said, real, here && judge(data, here, reader, names), names)
      : asking ? [make("p", {}, "Asking the kernel …")] : []));
  }

  function later() {  // several values change at once
    if (!drawing) queueMicrotask(draw);
    drawing = true;
  }

  function move(to, focus = true) {
    const cells = [...bytes.querySelectorAll(".smtplab-lens-byte")];
    if (!cells.length) return detail.replaceChildren();
    at = Math.max(0, Math.min(to, cells.length - 1));
    cells.forEach((cell, i) => cell.setAttribute("tabindex", i === at ? "0" : "-1"));
    detail.textContent = cells[at].getAttribute("aria-label");
    if (focus) cells[at].focus();
  }

  function change(values) {
    asking = false;
    for (const [key, value] of Object.entries({ ...values, answers: [] })) model.set(key, value);
    model.save_changes();
    later();
  }

  function write() {  // the bytes into the input, where they are not what it says already
    const typed = parseTyped(input.value, as.value);
    if (typed && hexOf(typed.slice(0, most)) === model.get("data_hex")) return;
    const data = bytesOf(model.get("data_hex"));
    const printable = data.filter((byte) => (byte >= 32 && byte < 127) || byte === 10 || byte === 13).length;
    as.value = printable >= 0.75 * data.length ? "text" : "hex";
    input.value = as.value === "text" ? showBytes(data) : hexOf(data);
    error.textContent = "";
  }

  input.addEventListener("input", () => {
    const typed = parseTyped(input.value, as.value);
    error.textContent = typed ? "" : "This is not hex: pairs of 0-9 and a-f are wanted. Below are the bytes before.";
    input.setAttribute("aria-invalid", typed ? "false" : "true");
    if (typed) change({ data_hex: hexOf(typed.slice(0, most)), came: typed.length });
  });
  as.addEventListener("change", () => {  // the same bytes, written otherwise
    const data = bytesOf(model.get("data_hex"));
    input.value = as.value === "text" ? showBytes(data) : hexOf(data);
    error.textContent = "";
  });
  preset.addEventListener("change", () => {
    const { hex: data_hex, role: reader } = presets[preset.value] ?? { hex: "", role: model.get("role") };
    change({ data_hex, came: data_hex.length / 2, role: reader });
    if (!data_hex) input.focus();
  });
  role.addEventListener("change", () => change({ role: role.value }));
  version.addEventListener("change", () => { model.set("openssl", version.value); model.save_changes(); later(); });
  bytes.addEventListener("keydown", (event) => {
    const to = { ArrowRight: at + 1, ArrowDown: at + 1, ArrowLeft: at - 1, ArrowUp: at - 1, Home: 0,
                 End: Infinity }[event.key];
    if (to === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    move(to);
  });
  bytes.addEventListener("focusin", (event) => move(+event.target.closest(".smtplab-lens-byte").dataset.index, false));
  root.addEventListener("keydown", (event) => event.stopPropagation());
  ask.addEventListener("click", () => {
    change({});
    asking = true;
    model.send({ ask: "openssl" });
  });
  model.on("msg:custom", (message) => {
    if (message.asked === undefined) return;
    asking = false;
    draw();
    if (!message.asked) answers.replaceChildren(make("p", {}, "There is no byte to give it."));
  });
  for (const key of ["openssl", "role", "came", "answers", "note"]) model.on(`change:${key}`, later);
  model.on("change:data_hex", () => { write(); later(); });
  write();
  draw();
  el.append(root);
}

export default { render };
