// A chain of doors, and under it how it came out. Nothing here is to be clicked, so it needs no kernel.
// `rows`: [{number, question, state, sign, word, proof, branch, exits: [{answer, cause, title, taken}]}].

function element(tag, className, ...inside) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  made.append(...inside); // strings become text
  return made;
}

function way(exit, branch) {
  const made = element("span", exit.taken ? "exit taken" : "exit");
  made.append(`${exit.taken ? "out: " : ""}${exit.answer} → `, element("span", "cause", exit.cause));
  if (exit.taken && !branch) made.append(element("span", "title", exit.title)); // a branch only confirms
  return made;
}

function door(row) {
  const sign = element("span", "sign", row.sign);
  sign.setAttribute("aria-hidden", "true"); // the word says it
  const question = element("div", "question", `${row.number}. ${row.question} `, element("span", "word", row.word));
  const words = element("div", "words", question);
  if (row.proof) words.append(element("div", "proof", row.proof));
  const exits = element("div", "exits", ...row.exits.map((exit) => way(exit, row.branch)));
  return element("li", `door ${row.state}${row.branch ? " branch" : ""}`, sign, words, exits);
}

function render({ model, el }) {
  const heading = element("div", "heading");
  const chain = element("ol", "chain");
  const outcome = element("div", "outcome");
  outcome.setAttribute("role", "status");
  el.replaceChildren(element("div", "smtplab-tree", heading, chain, outcome));
  let shown = [];

  function draw() {
    const rows = model.get("rows");
    heading.textContent = model.get("label");
    const now = rows.map((row) => JSON.stringify(row));
    rows.forEach((row, index) => { // only what has changed, so that only that lights up
      if (now[index] === shown[index]) return;
      const made = door(row);
      if (chain.children[index]) chain.children[index].replaceWith(made);
      else chain.append(made);
    });
    while (chain.children.length > rows.length) chain.lastChild.remove();
    shown = now;
    const { sign, text, tone } = model.get("outcome");
    const words = `${sign || ""} ${text || ""}`.trim();
    if (outcome.textContent !== words) outcome.textContent = words; // spoken once
    outcome.className = `outcome ${tone || ""}`;
  }

  for (const name of ["rows", "outcome", "label"]) model.on(`change:${name}`, draw);
  draw();
}

export default { render };
