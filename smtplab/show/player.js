// A conversation step by step. Everything here works from the model's values alone, without a kernel.
// Nothing from the wire becomes HTML: text is put in as text. step_bytes.js goes before it.

const OTHER = { client: "server", server: "client" };
const STEP_MS = 1200; // how long Play shows a step at speed 1
let players = 0;

const seconds = (value) => `${value.toFixed(3)} s`;
const crosses = (step) => step.layer !== "OpenSSL" && step.layer !== "waiting";

function route(step) {
  if (step.layer === "waiting") return "both wait";
  return crosses(step) ? `${step.who} to ${OTHER[step.who]}` : `${step.who}'s own`;
}

function arrow(step) {
  if (step.layer === "waiting") return "…";
  if (!crosses(step)) return "↻";
  return step.who === "client" ? "→" : "←";
}

function waiting(step, who, heard) {
  const what = step.waits[who];
  if (!what) return heard.includes(who) ? "is not waiting" : "no sign that it waits";
  return `waits for ${what}${step.inferred.includes(who) ? " (inferred)" : ""}`;
}

function spoken(step, number, all, heard) {
  const size = step.layer === "waiting" ? `${step.waited_s.toFixed(1)} seconds` : bytes(step.size_bytes);
  return `step ${number} of ${all}: ${route(step)}, ${step.layer}, ${size}, ` +
    `read ${step.read} written ${step.written}: ${step.label}. ` +
    ["client", "server"].map((who) => `${who}: ${waiting(step, who, heard)}.`).join(" ");
}

function peer(name) {
  const box = make("div", `peer ${name}`);
  const parts = { box, waits: make("p", "waits"), does: make("p", "does") };
  inside(box, make("p", "name", name), parts.waits, parts.does);
  return parts;
}

function row(step, number, id) {
  const node = make("div", "row");
  node.id = `${id}-${number}`;
  node.setAttribute("role", "option");
  node.dataset.layer = step.layer;
  inside(node, make("span", "number", String(number)), make("span", "time", seconds(step.at_s)),
    make("span", `arrow ${step.who}`, `C ${arrow(step)} S`), make("span", "layer", step.layer),
    make("span", "label", step.label), make("span", "size", step.size_bytes ? bytes(step.size_bytes) : ""),
    make("span", "counted", `${step.read} / ${step.written}`));
  node.querySelector(".arrow").setAttribute("aria-label", route(step));
  return node;
}

function columns() {
  const node = make("div", "row columns");
  node.setAttribute("aria-hidden", "true"); // each step says all of it by itself
  return inside(node, ...["step", "time", "way", "layer", "what", "size", "read / written"].map((name) => make("span",
    { step: "number", time: "time", way: "arrow", size: "size", "read / written": "counted" }[name] || "", name)));
}

function outcomeOf(outcome, counters) {
  const box = make("div", "outcome");
  if (!outcome.cause) return box;
  const doubt = outcome.certain ? "" : " (not certain)";
  box.append(make("p", "title", `${outcome.ok ? "✓" : "✗"} ${outcome.cause}: ${outcome.title}${doubt}`));
  box.append(make("p", "s-client", counters));
  const fixes = inside(make("ul"), ...outcome.fixes.map((fix) => make("li", "", fix)));
  box.append(folded("Why, and what to do", "why", () => [make("p", "", outcome.why), fixes], false, () => {}));
  return box;
}

function render({ model, el }) {
  const steps = model.get("steps"), id = `smtplab-player-${++players}-${Date.now().toString(36)}`;
  const outcome = model.get("outcome"), owner = outcome.seen_from || "client", heard = outcome.heard || [owner];
  const open = { bytes: false, words: false };
  const still = window.matchMedia("(prefers-reduced-motion: reduce)");
  let playing = null, ticking = null;

  const root = make("div", "smtplab-player");
  root.setAttribute("role", "group");
  root.setAttribute("aria-label", `Player: ${model.get("heading")}`);
  const client = peer("client"), server = peer("server");
  const wire = make("div", "wire");
  const clock = make("span", "clock"), elapsed = make("span", "elapsed"), place = make("span", "place");
  const counted = make("p", "counters"), rhythm = make("p", "rhythm");
  const list = make("div", "steps"), detail = make("div", "detail"), live = make("div", "spoken");
  live.setAttribute("role", "status");
  live.setAttribute("aria-live", "polite");
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", "Steps");
  ownKeys(list).tabIndex = 0;
  const rows = steps.map((step, i) => row(step, i + 1, id));
  rows.forEach((node, i) => { node.onclick = () => { pause(); go(i); }; });
  list.append(...rows);

  // A long conversation opens on the steps that tell its story; the rest is one click away.
  const story = model.get("story") || [];
  let every = !story.length;
  const shown = () => (every ? steps.map((_, i) => i) : story);
  const index = () => Math.max(0, Math.min(model.get("index") || 0, steps.length - 1));
  const go = (to) => {
    const next = Math.max(0, Math.min(to, steps.length - 1));
    if (next === index()) return;
    model.set("index", next);
    model.save_changes();
  };
  const bar = make("div", "bar");
  bar.setAttribute("role", "group");
  bar.setAttribute("aria-label", "Walk through the steps");
  const button = (text, act) => {
    const node = make("button", "walk", text);
    node.type = "button";
    node.onclick = act;
    bar.append(node);
    return node;
  };
  const walk = (to) => () => { pause(); go(to()); };
  const first = () => shown()[0], last = () => shown().at(-1);
  const before = () => shown().findLast((i) => i < index()) ?? index();
  const after = () => shown().find((i) => i > index()) ?? index();
  const back = [button("First", walk(first)), button("Previous", walk(before))];
  const forth = [button("Next", walk(after)), button("Last", walk(last))];
  const play = button("Play", () => (playing ? pause() : start()));
  const speed = make("select");
  [["0.5", "half"], ["1", "normal"], ["2", "double"], ["5", "five times"]].forEach(([value, text]) => {
    const option = make("option", "", text);
    option.value = value;
    speed.append(option);
  });
  speed.value = "1";
  const whole = button("", () => {
    pause();
    every = !every;
    if (!shown().includes(index())) go(before());
    draw();
  });
  whole.hidden = !story.length;
  bar.append(inside(make("label", "speed", "Speed "), speed), whole, place, clock);

  const ms = (step) => Math.max(STEP_MS, 1000 * (step.waited_s || 0)) / Number(speed.value);
  function pause() {
    clearTimeout(playing);
    playing = null;
    play.textContent = "Play";
  }
  function start() {
    if (index() === last()) go(first());
    play.textContent = "Pause";
    playing = setTimeout(next, ms(steps[index()] || {}));
  }
  function next() {
    go(after());
    if (index() >= last()) return pause();
    playing = setTimeout(next, ms(steps[index()]));
  }

  function tick(step) { // the clock of a wait runs in real time, or stands at its end
    cancelAnimationFrame(ticking);
    const from = step.at_s - (step.waited_s || 0), begun = performance.now();
    const show = () => {
      const now = from + ((performance.now() - begun) / 1000) * Number(speed.value);
      clock.textContent = seconds(Math.min(now, step.at_s));
      elapsed.textContent = `${(Math.min(now, step.at_s) - from).toFixed(1)} s`;
      if (now < step.at_s) ticking = requestAnimationFrame(show);
    };
    if (step.waited_s && !still.matches) return show();
    clock.textContent = seconds(step.at_s);
    elapsed.textContent = `${(step.waited_s || 0).toFixed(1)} s`;
  }

  function drawWire(step) {
    wire.dataset.layer = step.layer;
    wire.className = `wire ${crosses(step) ? `from-${step.who}` : step.layer === "waiting" ? "silent" : `at-${step.who}`}`;
    const line = make("span", "line");
    line.setAttribute("aria-hidden", "true");
    const silent = step.layer === "waiting", size = step.size_bytes ? `, ${bytes(step.size_bytes)}` : "";
    wire.replaceChildren(make("span", "layer", step.layer), make("span", "label", step.label), line,
      make("span", "size", silent ? "nothing crosses the wire" : route(step) + size));
    if (silent) wire.append(elapsed);
  }

  function draw() {
    if (!steps.length) return;
    const at = index(), step = steps[at];
    every = every || !story.includes(at); // set from elsewhere, to a step between those of the story
    const view = shown(), number = view.indexOf(at) + 1;
    whole.textContent = every ? `Only the story's ${story.length} steps` : `All ${steps.length} steps`;
    rows.forEach((node, i) => {
      node.hidden = !view.includes(i);
      node.setAttribute("aria-selected", String(i === at));
    });
    list.setAttribute("aria-activedescendant", rows[at].id);
    const top = rows[at].offsetTop, space = list.clientHeight - rows[at].offsetHeight;
    if (top < list.scrollTop || top > list.scrollTop + space) list.scrollTop = top - space / 2;
    [[client, "client"], [server, "server"]].forEach(([part, who]) => {
      part.waits.textContent = waiting(step, who, heard);
      part.box.classList.toggle("waiting", Boolean(step.waits[who]));
      part.box.classList.toggle("acts", step.who === who && step.layer !== "waiting");
      part.does.textContent = step.layer === "OpenSSL" && step.who === who ? "its OpenSSL is at work" : "";
    });
    drawWire(step);
    counted.replaceChildren(make("b", "", `read ${step.read} / written ${step.written}`),
      ` as s_client counts; ${owner}'s socket: ${step.received} received, ${step.sent} sent`);
    const took = steps.slice(0, at + 1).filter((s) => s.took != null && s.who === owner).map((s) => s.took);
    rhythm.textContent = `OpenSSL's reads so far: ${took.join(", ") || "none"}`;
    rhythm.hidden = steps.every((s) => s.took == null);
    const reports = step.openssl.map((note) => make("li", "", note));
    const beside = reports.length ? [inside(make("div", "openssl"), make("p", "", "What OpenSSL itself reported"),
      inside(make("ul"), ...reports))] : [];
    const focused = detail.contains(document.activeElement);
    if (focused) list.focus({ preventScroll: true }); // never nowhere: JupyterLab would take the keys
    detail.replaceChildren(bytesOf(step, open), ...beside);
    if (focused) detail.querySelector("summary")?.focus({ preventScroll: true });
    back.forEach((node) => node.setAttribute("aria-disabled", String(at === view[0])));
    forth.forEach((node) => node.setAttribute("aria-disabled", String(at === view.at(-1))));
    place.textContent = `step ${number} of ${view.length}`;
    live.textContent = spoken(step, number, view.length, heard);
    root.dataset.step = String(at + 1);
    tick(step);
  }

  root.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.target.tagName === "SELECT") return;
    const acts = { Home: walk(first), End: walk(last), ArrowLeft: walk(before), ArrowRight: walk(after) };
    if (event.target === list) Object.assign(acts, { ArrowUp: acts.ArrowLeft, ArrowDown: acts.ArrowRight });
    if (!/^(BUTTON|SUMMARY)$/.test(event.target.tagName)) acts[" "] = () => play.onclick();
    if (!acts[event.key]) return;
    event.preventDefault();
    event.stopPropagation();
    acts[event.key]();
  });

  inside(root, make("p", "heading", model.get("heading")), bar,
    inside(make("div", "stage"), client.box, wire, server.box), counted, rhythm, columns(), list, detail,
    outcomeOf(outcome, model.get("counters")), live);
  el.replaceChildren(root);
  model.on("change:index", draw);
  draw();
  requestAnimationFrame(draw); // once laid out, the list can scroll to its step
  return () => {
    pause();
    cancelAnimationFrame(ticking);
    model.off("change:index", draw);
  };
}
export default { render };
