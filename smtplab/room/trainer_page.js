// The trainer's page: asks for the room's state every three seconds, and shows it. Texts are set, never parsed as HTML,
// but the picture, which the server makes of numbers and checked names.
const EVERY_MS = 3000;
const at = (id) => document.getElementById(id);
const rows = new Map();
let asked = "";

function element(name, words = "", properties = {}) {
  const made = Object.assign(document.createElement(name), properties);
  made.textContent = words;
  return made;
}

function cookie(name) {
  return document.cookie.split("; ").map((one) => one.split("=")).find(([key]) => key === name)?.[1] ?? "";
}

// The login counts only with the page's own token: so no other page can ask in the trainer's name.
function ask(what, options = {}) {
  return fetch(what, { ...options, headers: { "X-XSRFToken": decodeURIComponent(cookie("_xsrf")) } });
}

async function act(what, given) {
  const answer = await ask(what, { method: "POST", body: JSON.stringify(given) });
  if (!answer.ok) {
    say(await answer.text());
    return null;
  }
  const found = await answer.json();
  say(found.said);
  look();
  return found;
}

function say(words) {
  at("said").textContent = words;
}

function set(cell, words) {
  if (cell.textContent !== words) cell.textContent = words;
}

function minutes(value) {
  return value < 1 ? "now" : `${Math.round(value)} min`;
}

function row(name) {
  const made = document.createElement("tr");
  const cells = { name: element("th", name, { scope: "row" }) };
  for (const key of ["lesson", "solved", "on", "lights", "moved", "help", "reset"]) {
    cells[key] = element("td", "", { className: key });
  }
  made.append(...Object.values(cells));
  const hand = element("button", "", { className: "call", hidden: true });
  hand.addEventListener("click", () => act("hand", { seat: name }));
  cells.help.append(hand);
  const reset = element("button", "Reset");
  reset.setAttribute("aria-label", `Reset ${name}`);
  reset.addEventListener("click", () => {
    asked = name;
    at("sure-title").textContent = `Reset ${name}?`;
    at("sure").showModal();
  });
  cells.reset.append(reset);
  at("seats").append(made);
  return { made, cells, hand, reset };
}

function show(seat, resetting) {
  if (!rows.has(seat.name)) rows.set(seat.name, row(seat.name));
  const { made, cells, hand, reset } = rows.get(seat.name);
  made.dataset.state = seat.state;
  made.classList.toggle("hand", seat.hand_minutes !== null);
  made.classList.toggle("still", seat.still && seat.hand_minutes === null);
  set(cells.lesson, seat.state === "ready" ? seat.lesson || "not begun" : seat.state === "off" ? "not here" : "starting");
  const spent = seat.exercises.filter((one) => one.minutes !== null).map((one) => one.minutes);
  const tries = seat.exercises.reduce((sum, one) => sum + one.tries, 0);
  set(cells.solved, seat.exercises.length ? `${seat.solved} (${tries} tries, ${Math.round(spent.reduce((a, b) => a + b, 0))} min)` : "none");
  set(cells.on, seat.exercises.filter((one) => !one.solved)
    .map((one) => `${one.name}: ${one.tries} ${one.tries === 1 ? "try" : "tries"}`).join(", "));
  const lights = seat.lights.join(" ");
  if (cells.lights.dataset.seen !== lights) {
    cells.lights.dataset.seen = lights;
    cells.lights.replaceChildren(...seat.lights.map((light, index) => {
      const sign = element("span", { solved: "✓", half: "◐", open: "✗" }[light], { className: `light ${light}` });
      sign.setAttribute("role", "img");
      sign.setAttribute("aria-label", `ticket ${index + 1} ${light}`);
      return sign;
    }));
  }
  set(cells.moved, seat.moved_minutes === null ? "" : seat.still ? `still for ${minutes(seat.moved_minutes)}` : minutes(seat.moved_minutes));
  cells.moved.classList.toggle("still-words", seat.still);
  hand.hidden = seat.hand_minutes === null;
  if (!hand.hidden) set(hand, `Help: ${minutes(seat.hand_minutes)}`);
  if (!hand.hidden) hand.setAttribute("aria-label", `${seat.name} asks for help since ${minutes(seat.hand_minutes)}: put the hand down`);
  set(reset, resetting ? "resetting" : "Reset");
  reset.disabled = resetting;
}

async function look() {
  try {
    const answer = await ask("state");
    if (!answer.ok) throw new Error(answer.status === 403 ? "log in again: load this page anew" : await answer.text());
    const found = await answer.json();
    for (const seat of found.seats) show(seat, found.resetting.includes(seat.name));
    const here = found.seats.filter((seat) => seat.state === "ready").length;
    const count = (test) => found.seats.filter(test).length;
    set(at("sums"), `${here} of ${found.seats.length} seats here; ${count((s) => s.hand_minutes !== null)} ask for help; `
      + `${count((s) => s.still)} still for five minutes or more`);
    if (at("picture").dataset.seen !== found.picture) {
      at("picture").dataset.seen = found.picture;
      at("picture").innerHTML = found.picture;
    }
    const sent = found.messages.join("\n");
    if (at("sent").dataset.seen !== sent) {
      at("sent").dataset.seen = sent;
      at("sent").replaceChildren(...found.messages.map((words) => element("li", words)));
    }
  } catch (error) {
    say(`The room can't be seen: ${error.message}`);
  }
}

at("message").addEventListener("submit", async (event) => {
  event.preventDefault();
  const text = event.target.elements.text;
  if (await act("message", { text: text.value })) text.value = "";
});
at("word").addEventListener("submit", async (event) => {
  event.preventDefault();
  const { word, count } = event.target.elements;
  const found = await act("word", { word: word.value, count: Number(count.value) });
  if (!found) return;
  at("key").textContent = found.key;
  at("key-box").hidden = false;
});
at("yes").addEventListener("click", () => { at("sure").close(); act("reset", { seat: asked }); });
at("no").addEventListener("click", () => at("sure").close());

await look();
setInterval(look, EVERY_MS);
