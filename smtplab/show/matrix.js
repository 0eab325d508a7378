// A table of cells to choose from: click, or arrow keys and Enter (the ARIA grid pattern, one tab stop).
// `rows`: [{key, head, cells: [{key, sign, word, detail, tone}]}]; choosing a cell sets `chosen` to its key.

function element(tag, className, text) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  made.setAttribute("data-lm-suppress-shortcuts", "true"); // or JupyterLab takes the keys; its parents don't count
  return made;
}

function render({ model, el }) {
  const box = element("div", "smtplab-grid");
  const scroll = element("div", "smtplab-scroll");
  const table = element("table");
  table.setAttribute("role", "grid");
  const headRow = element("tr");
  const body = element("tbody");
  const head = element("thead");
  head.append(headRow);
  table.append(head, body);
  scroll.append(table);
  const hint = element("p", "hint");
  box.append(scroll, hint);
  el.replaceChildren(box);
  let current = null; // the cell with the tab stop

  const cells = () => Array.from(body.rows, (row) => Array.from(row.cells).slice(1));

  function settle(cell) {
    if (current) current.tabIndex = -1;
    current = cell;
    if (cell) cell.tabIndex = 0;
  }

  function choose(cell) {
    if (!cell || !cell.dataset.key || !model.get("alive")) return;
    model.set("chosen", cell.dataset.key);
    model.save_changes();
    mark();
  }

  function mark() {
    const chosen = model.get("chosen");
    for (const cell of body.querySelectorAll("td")) {
      cell.setAttribute("aria-selected", String(Boolean(chosen) && cell.dataset.key === chosen));
    }
  }

  function fill(cell, data) {
    const now = JSON.stringify(data);
    if (cell.dataset.was === now) return;
    cell.dataset.was = now;
    cell.dataset.key = data.key || "";
    cell.className = data.tone + (data.key && model.get("alive") ? " can" : "");
    const word = element("div", "word");
    if (data.sign) {
      word.append(element("span", "sign", data.sign));
      word.append(" ");
    }
    word.append(data.word);
    cell.replaceChildren(word);
    if (data.detail) cell.append(element("div", "detail", data.detail));
  }

  function draw() {
    const columns = model.get("columns");
    table.setAttribute("aria-label", model.get("label"));
    hint.textContent = model.get("alive") ? model.get("hint") : "";
    if (headRow.cells.length !== columns.length) {
      headRow.replaceChildren(...columns.map((text) => {
        const cell = element("th", "", text);
        cell.scope = "col";
        return cell;
      }));
    }
    const old = new Map(Array.from(body.rows, (row) => [row.dataset.key, row]));
    model.get("rows").forEach((data, index) => {
      let row = old.get(data.key);
      old.delete(data.key);
      if (!row) {
        row = element("tr");
        row.dataset.key = data.key;
        const name = element("th", "", data.head);
        name.scope = "row";
        row.append(name, ...data.cells.map(() => {
          const cell = element("td");
          cell.setAttribute("role", "gridcell");
          cell.tabIndex = -1;
          return cell;
        }));
      }
      if (body.rows[index] !== row) body.insertBefore(row, body.rows[index] || null);
      data.cells.forEach((cell, place) => fill(row.cells[place + 1], cell));
    });
    for (const row of old.values()) row.remove();
    if (!current || !current.isConnected) {
      const first = cells().find((row) => row.length);
      settle(first ? first[0] : null);
    }
    scroll.hidden = body.rows.length === 0;
    mark();
  }

  table.addEventListener("click", (event) => {
    const cell = event.target.closest("td");
    if (!cell) return;
    settle(cell);
    cell.focus();
    choose(cell);
  });

  table.addEventListener("keydown", (event) => {
    const cell = event.target.closest("td");
    if (!cell) return;
    const all = cells();
    const row = all.findIndex((line) => line.includes(cell));
    const column = all[row].indexOf(cell);
    const last = all[row].length - 1;
    const to = {
      ArrowLeft: [row, column - 1], ArrowRight: [row, column + 1],
      ArrowUp: [row - 1, column], ArrowDown: [row + 1, column],
      Home: [event.ctrlKey ? 0 : row, 0], End: [event.ctrlKey ? all.length - 1 : row, last],
      PageUp: [Math.max(0, row - 5), column], PageDown: [Math.min(all.length - 1, row + 5), column],
    }[event.key];
    if (event.key === "Enter" || event.key === " ") choose(cell);
    else if (!to) return;
    else if (all[to[0]] && all[to[0]][to[1]]) {
      settle(all[to[0]][to[1]]);
      current.focus();
    }
    event.preventDefault();
    event.stopPropagation();
  });

  model.on("change:rows", draw);
  model.on("change:chosen", mark);
  model.on("change:hint", draw);
  draw();
}

export default { render };
