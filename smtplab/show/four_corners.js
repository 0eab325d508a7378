// The square of four: a grid with one tab stop; arrow keys move, Enter, Space or a click runs a corner. The details of
// the chosen corner stand below it. A page that nobody answers shows the recorded runs, and says that they are recorded.

const ANSWER_MS = 3000; // a kernel that has not answered by then is taken to be none
const PEERS = ["client", "server"];

function element(tag, className, text) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  made.setAttribute("data-lm-suppress-shortcuts", "true"); // or JupyterLab takes the keys; its parents don't count
  return made;
}

function role(node, name) {
  node.setAttribute("role", name);
  return node;
}

function twoLines(node, [first, second]) {
  node.append(element("span", "what", first), " ", element("span", "named", second));
  return node;
}

// Both peers and the line between: an arrow from who spoke before having heard anything, a dashed peer waits.
function picture(result, words) {
  const box = element("div", "picture");
  box.setAttribute("aria-hidden", "true"); // the facts say it
  const line = element("span", "line");
  for (const who of PEERS) if (result.first.includes(who)) line.append(element("span", `from ${who}`));
  const peers = PEERS.map((who) => element("span", `peer${result.waits.includes(who) ? " waits" : ""}`, words.peers[who]));
  box.append(peers[0], line, peers[1]);
  if (!result.first.length) line.classList.add("silent");
  return box;
}

function factList(facts) {
  const list = element("dl");
  for (const [name, value] of facts) {
    const pair = element("div");
    pair.append(element("dt", "", name), element("dd", "", value));
    list.append(pair);
  }
  return list;
}

function render({ model, el }) {
  const words = model.get("words"), instead = {}, told = {}; // recorded runs shown for want of an answer; said aloud
  const timers = new Set();
  const root = role(element("div", "smtplab-corners"), "group");
  root.setAttribute("aria-label", words.title);
  const bar = element("div", "bar"), hint = element("p", "hint", words.keys), said = element("p", "said");
  const source = element("p", "note");
  const grid = role(element("div", "square"), "grid"), detail = element("div", "detail");
  const spoken = role(element("div", "spoken"), "status");
  spoken.setAttribute("aria-live", "polite");
  grid.setAttribute("aria-label", words.title);

  const button = (text, act) => {
    const node = element("button", "act", text);
    node.type = "button";
    node.onclick = act;
    return node;
  };
  const all = button(model.get("alive") ? words.run_all : words.show_all, () => ask("all"));
  const stop = button(words.stop, () => ask("stop"));
  bar.append(all, stop);

  // --- the grid ---

  const places = {};
  function build() {
    const heads = role(element("div", "row heads"), "row");
    heads.append(role(element("span", "blank"), "presentation"));
    for (const kind of Object.keys(words.columns)) {
      heads.append(twoLines(role(element("div", "head"), "columnheader"), words.columns[kind]));
    }
    grid.append(heads);
    for (const mode of Object.keys(words.rows)) {
      const row = role(element("div", "row"), "row");
      row.append(twoLines(role(element("div", "head side"), "rowheader"), words.rows[mode]));
      for (const kind of Object.keys(words.columns)) {
        const cell = role(element("div", "cell"), "gridcell");
        cell.dataset.key = `${mode}|${kind}`;
        cell.tabIndex = -1;
        places[cell.dataset.key] = cell;
        row.append(cell);
      }
      grid.append(row);
    }
  }
  const keys = () => Object.keys(places);
  const rows = () => {
    const wide = Object.keys(words.columns).length, list = keys();
    return [list.slice(0, wide), list.slice(wide)];
  };

  function dataOf(key) {
    const data = model.get("cells").find((one) => one.key === key) || { key, name: key, code: "", busy: "", result: null };
    if (data.result || data.busy || !instead[key]) return data;
    return { ...data, result: instead[key] };
  }

  function fill(cell, data) {
    const here = model.get("here") === data.key, now = JSON.stringify([data, here]);
    if (cell.dataset.was === now) return;
    cell.dataset.was = now;
    const { result, busy } = data;
    cell.dataset.tone = busy ? "busy" : result ? result.tone : "none";
    cell.classList.toggle("here", here);
    const parts = here ? [element("p", "mark", words.here)] : [];
    if (result) parts.push(picture(result, words));
    if (busy) parts.push(element("p", "headline", busy));
    else if (result) {
      const headline = element("p", "headline");
      headline.append(element("span", "sign", result.sign), " ", result.headline);
      parts.push(headline);
    } else {
      if (model.get("alive")) parts.push(element("p", "headline quiet", words.not_run));
      parts.push(element("p", "quiet", press));
    }
    if (result) parts.push(factList(result.facts));
    if (result && result.note) parts.push(element("p", "note", words.is_recorded));
    cell.replaceChildren(...parts);
  }

  const press = model.get("alive") ? words.press : words.press_recorded;
  const noteOf = (result) => result.note || (model.get("alive") ? "" : words.ran_here);

  // --- what a person does ---

  const chosen = () => (places[model.get("chosen")] ? model.get("chosen") : keys()[0]);

  function choose(key) {
    if (model.get("chosen") === key) return;
    model.set("chosen", key);
    model.save_changes();
  }

  function later(act) {
    const timer = setTimeout(() => { timers.delete(timer); act(); }, ANSWER_MS);
    timers.add(timer);
  }

  function showRecorded(list, lead) {
    const recorded = model.get("recorded");
    for (const key of list) {
      if (recorded[key]) instead[key] = { ...recorded[key], can_play: false, note: lead.replace("{}", recorded[key].note) };
    }
    draw();
  }

  function ask(what, key) {
    const list = what === "all" ? keys() : [key];
    if (what === "all" || what === "run") for (const one of list) delete told[one];
    if (!model.get("alive")) {
      if (what === "all" || what === "run") showRecorded(list, "{}");
      return;
    }
    const before = JSON.stringify(model.get("cells"));
    model.send({ do: what, key: key || "" });
    if (what !== "all" && what !== "run") return;
    later(() => {
      if (JSON.stringify(model.get("cells")) === before) showRecorded(list, words.no_kernel);
    });
  }

  function act(key) { // a click, Enter or Space on a corner
    const data = dataOf(key), was = chosen() === key && root.dataset.chosen === key;
    choose(key);
    if (data.busy || (data.result && !was)) return draw();
    ask("run", key);
    draw();
  }

  grid.addEventListener("mousedown", (event) => {
    if (event.target.closest(".cell")) event.preventDefault(); // the click gives the focus, after it has chosen
  });
  grid.addEventListener("click", (event) => {
    const cell = event.target.closest(".cell");
    if (!cell) return;
    act(cell.dataset.key);
    cell.focus({ preventScroll: true });
  });
  grid.addEventListener("focusin", (event) => {
    const cell = event.target.closest(".cell");
    if (!cell || cell.dataset.key === chosen()) return;
    choose(cell.dataset.key);
    draw();
  });
  grid.addEventListener("keydown", (event) => {
    const cell = event.target.closest(".cell");
    if (!cell || event.ctrlKey || event.altKey || event.metaKey) return;
    const square = rows(), row = square.findIndex((line) => line.includes(cell.dataset.key));
    const column = square[row].indexOf(cell.dataset.key), last = square[row].length - 1;
    const to = { ArrowLeft: [row, column - 1], ArrowRight: [row, column + 1], ArrowUp: [row - 1, column],
      ArrowDown: [row + 1, column], Home: [row, 0], End: [row, last] }[event.key];
    if (event.key === "Enter" || event.key === " ") act(cell.dataset.key);
    else if (!to) return;
    else if (square[to[0]] && square[to[0]][to[1]]) places[square[to[0]][to[1]]].focus();
    event.preventDefault();
    event.stopPropagation();
  });

  // --- the details of the chosen corner ---

  let open = false, detailWas = "";
  function drawDetail(data) {
    const now = JSON.stringify([data, model.get("alive")]);
    if (now === detailWas) return;
    detailWas = now;
    const { result, busy } = data;
    const held = detail.contains(document.activeElement) ? document.activeElement.dataset.is : "";
    const parts = [element("p", "name", data.name)];
    const code = element("p", "python", `${words.in_python}: `);
    code.append(element("code", "", data.code));
    parts.push(code);
    if (result && !busy && noteOf(result)) parts.push(element("p", "note", noteOf(result)));
    if (result && !busy) {
      const buttons = element("div", "bar");
      if (result.can_play && model.get("alive")) {
        buttons.append(button(words.play, () => ask("play", data.key)), button(words.again, () => ask("run", data.key)));
      }
      buttons.childNodes.forEach((node, i) => { node.dataset.is = `button ${i}`; });
      const folded = element("details"), summary = element("summary", "", words.transcript);
      summary.dataset.is = "summary";
      folded.open = open;
      folded.addEventListener("toggle", () => { open = folded.open; });
      const lines = role(element("pre", "transcript", result.transcript), "group");
      lines.tabIndex = 0; // it may have to be scrolled
      lines.setAttribute("aria-label", `${words.transcript}: ${data.name}`);
      folded.append(summary, lines);
      if (buttons.childNodes.length) parts.push(buttons);
      parts.push(folded);
    }
    detail.replaceChildren(...parts);
    // The focus is never lost: JupyterLab would take the keys.
    if (held) (detail.querySelector(`[data-is="${held}"]`) || places[data.key]).focus({ preventScroll: true });
  }

  // --- all of it ---

  function draw() {
    const list = keys(), at = chosen(), busy = list.some((key) => dataOf(key).busy);
    for (const key of list) {
      const cell = places[key], data = dataOf(key);
      if (model.get("cells").some((one) => one.key === key && (one.result || one.busy))) delete instead[key];
      fill(cell, data);
      cell.tabIndex = key === at ? 0 : -1;
      cell.setAttribute("aria-selected", String(key === at));
      cell.setAttribute("aria-busy", String(Boolean(data.busy)));
    }
    root.dataset.chosen = at;
    said.textContent = model.get("said");
    said.hidden = !said.textContent;
    const recorded = model.get("alive") ? [] : Object.values(model.get("recorded")).map((one) => one.note);
    source.textContent = recorded.length ? words.none_answers.replace("{}", recorded[0]) : "";
    source.hidden = !source.textContent;
    stop.hidden = !model.get("alive");
    stop.setAttribute("aria-disabled", String(!busy));
    tell(list);
    drawDetail(dataOf(at));
  }

  function tell(list) { // aloud, once each run has ended
    const news = [];
    for (const key of list) {
      const { result, busy } = dataOf(key);
      if (busy) { told[key] = ""; continue; }
      if (!result || told[key] === result.sentence) continue;
      if (drawn) news.push(result.sentence);
      told[key] = result.sentence;
    }
    if (news.length) spoken.textContent = news.join(" ");
  }

  let drawn = false;
  build();
  root.append(bar, hint, source, said, grid, detail, spoken);
  el.replaceChildren(root);
  draw();
  drawn = true;
  const events = ["change:cells", "change:chosen", "change:here", "change:said"];
  for (const event of events) model.on(event, draw);
  return () => {
    for (const timer of timers) clearTimeout(timer);
    for (const event of events) model.off(event, draw);
  };
}

export default { render };
