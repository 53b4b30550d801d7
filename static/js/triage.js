// Keys that go through a queue, over its pages, and press the buttons of the proposal in focus. The switch for
// shortcuts in the foot turns them off; "?" lists them.
import { preference } from "./preferences.js";
import { isNoShortcut } from "./shortcuts.js";

const STEPS = { j: 1, k: -1 };
const proposals = [...document.querySelectorAll("[data-proposal]")];

document.addEventListener("keydown", (event) => {
  if (preference("shortcuts", "on") !== "on" || isNoShortcut(event)) return;
  if (event.ctrlKey || event.metaKey || document.querySelector("dialog[open]")) return;
  if (event.key in STEPS) go(STEPS[event.key]);
  else if (!press(event.key)) return;
  event.preventDefault();
});

function place() {
  return proposals.findIndex((each) => each.contains(document.activeElement));
}

function go(step) {
  const at = place();
  const next = at < 0 ? (step > 0 ? 0 : proposals.length - 1) : at + step;
  if (proposals[next]) proposals[next].focus();
  else document.querySelector(`.turn-page [rel="${step > 0 ? "next" : "prev"}"]`)?.click();
}

function press(key) {
  const button = proposals[place()]?.querySelector(`[data-key="${CSS.escape(key)}"]`);
  if (!button) return false;
  button.click();
  button.closest("details[open]")?.querySelector("textarea").focus();
  return true;
}
