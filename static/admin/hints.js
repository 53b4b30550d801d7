// The space as second reader: hints beside the form, while one types. None stands in the way.
import { preference, prefer, remember } from "../js/preferences.js";
import { accept, entryOf, isThere, send } from "./entry.js";
import { offerMeaningDiff } from "./meaning.js";

const PAUSE = 800; // milliseconds after the last key
const KEPT = 200; // dismissed hints that are remembered

const panel = document.querySelector("[data-hints]");
const form = panel?.closest("form");
const dismissed = new Set(JSON.parse(preference("hints-dismissed", "[]")));
const switches = new Map();
let newest = 0;
let shown = { hints: [], rows: [], meaning: "" };
let timer = 0;

async function ask() {
  const { entry, rows } = entryOf(form);
  const turn = ++newest;
  if (!entry.name || !rows.length) return show({ hints: [], rows, meaning: "" });
  const response = await send(panel.dataset.url, form, entry, Number(panel.dataset.term));
  if (turn === newest && response?.ok) show({ ...(await response.json()), rows });
}

function show(answer = shown) {
  shown = answer;
  const wanted = shown.hints.filter(
    (hint) =>
      switches.get(hint.kind)?.checked !== false &&
      !dismissed.has(nameOf(hint)) &&
      !isThere(form, hint),
  );
  panel.querySelector("[data-list]").replaceChildren(...wanted.map(item));
  const count = wanted.length === 1 ? "1 hint" : `${wanted.length || "No"} hints`;
  const off = { loading: "the model is being prepared", off: "not by meaning in this language" };
  const note = off[shown.meaning] ? ` (${off[shown.meaning]})` : "";
  const status = panel.querySelector("[data-count]");
  if (status.textContent !== count + note) status.textContent = count + note;
}

// The same remark on another term is another hint.
const nameOf = (hint) => `${panel.dataset.term}:${hint.kind}:${hint.sentence}`;

function item(hint) {
  const row = document.createElement("li");
  const place = /^senses\[(\d+)\]/.exec(hint.path);
  const where = place && shown.rows.length > 1 ? `Sense ${Number(place[1]) + 1}: ` : "";
  const sentence = text("p", where + hint.sentence);
  if (hint.url) sentence.append(" ", link(hint));
  const buttons = document.createElement("p");
  if (hint.action) {
    const label = `Accept ${hint.action.label}`;
    const act = () => accept[hint.kind](form, hint.action, place && shown.rows[place[1]]);
    buttons.append(button("Accept", label, () => leave(row, hint, act)));
  }
  buttons.append(button("Dismiss", `Dismiss: ${hint.sentence}`, () => leave(row, hint, forget)));
  row.append(sentence, text("p", hint.reason, "help"), buttons);
  return row;
}

// The focus goes on to what stands in the hint's place.
function leave(row, hint, act) {
  const place = Array.from(row.parentNode.children).indexOf(row);
  act(hint);
  shown.hints = shown.hints.filter((each) => each !== hint);
  show();
  const rows = panel.querySelectorAll("[data-list] > li");
  (rows[Math.min(place, rows.length - 1)]?.querySelector("button") ?? panel.querySelector("summary")).focus();
}

function forget(hint) {
  dismissed.add(nameOf(hint));
  prefer("hints-dismissed", JSON.stringify([...dismissed].slice(-KEPT)));
}

function text(tag, content, className = "") {
  const element = document.createElement(tag);
  element.textContent = content;
  element.className = className;
  return element;
}

function link(hint) {
  const anchor = text("a", "Open");
  anchor.href = hint.url;
  anchor.target = "_blank";
  return anchor;
}

function button(label, title, act) {
  const element = text("button", label, "button");
  element.type = "button";
  element.setAttribute("aria-label", title);
  element.addEventListener("click", act);
  return element;
}

function later() {
  clearTimeout(timer);
  timer = setTimeout(ask, PAUSE);
}

if (form) {
  for (const toggle of panel.querySelectorAll("[data-kind]")) {
    remember(toggle, `hints-${toggle.dataset.kind}`);
    toggle.addEventListener("change", () => show());
    switches.set(toggle.dataset.kind, toggle);
  }
  panel.querySelector("details").open = matchMedia("(min-width: 60rem)").matches;
  panel.hidden = false;
  form.addEventListener("input", (event) => panel.contains(event.target) || later());
  form.addEventListener("change", (event) => panel.contains(event.target) || later());
  offerMeaningDiff(document.querySelector("[data-meaning-diff]"), form, Number(panel.dataset.term));
  ask();
}
