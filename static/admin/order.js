// Senses change places by buttons, by Alt and an arrow, or dragged; their positions are written.
const ROW = ".dynamic-senses";
const STEPS = [
  [-1, "↑", "Move up"],
  [1, "↓", "Move down"],
];

export function offerOrder(form) {
  const group = document.getElementById("senses-group");
  if (!group) return;
  rows(group).forEach(equip);
  group.addEventListener("formset:added", ({ target }) => {
    equip(target);
    number(target);
  });
  // Django numbers the forms as they stand when one goes: the stored ones have to be the first.
  const stored = (event) => {
    if (!event.target.closest(".inline-deletelink")) return;
    sort(group, (row) => Number(row.id.split("-").at(-1)));
    setTimeout(() => sort(group, (row) => Number(position(row)?.value)));
  };
  group.addEventListener("click", stored, true);
  form.addEventListener("keydown", (event) => {
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    const { altKey, ctrlKey, metaKey, shiftKey, isComposing, target } = event;
    if (!step || !altKey || ctrlKey || metaKey || shiftKey || isComposing) return;
    if (target.name?.endsWith("-examples")) moveParagraph(target, step);
    else if (target.matches("textarea, input, button") && target.closest(ROW)) move(target, step);
    else return;
    event.preventDefault();
  });
}

const rows = (group) => Array.from(group.querySelectorAll(ROW));
const position = (row) => row.querySelector("[name$=-position]");

function equip(row) {
  const head = row.querySelector("h3");
  if (!position(row) || head.querySelector(".move")) return;
  const buttons = document.createElement("span");
  buttons.className = "move";
  buttons.append(...STEPS.map(button));
  head.append(buttons);
  head.draggable = true;
  head.addEventListener("dragstart", (event) => event.dataTransfer.setData("text/plain", row.id));
  row.addEventListener("dragover", (event) => event.preventDefault());
  row.addEventListener("drop", (event) => drop(row, event));
}

function button([step, sign, label]) {
  const made = document.createElement("button");
  made.type = "button";
  made.textContent = sign;
  made.setAttribute("aria-label", `${label} this sense`);
  made.addEventListener("click", () => move(made, step));
  return made;
}

function drop(row, event) {
  const moved = document.getElementById(event.dataTransfer.getData("text/plain"));
  if (!moved?.matches(ROW) || moved === row) return;
  event.preventDefault();
  const goesDown = moved.compareDocumentPosition(row) & Node.DOCUMENT_POSITION_FOLLOWING;
  row[goesDown ? "after" : "before"](moved);
  number(row);
}

// The sense that holds the element, which keeps the focus.
function move(element, step) {
  const row = element.closest(ROW);
  const all = rows(row.parentNode);
  const other = all[all.indexOf(row) + step];
  if (!other) return;
  other[step < 0 ? "before" : "after"](row);
  number(row);
  element.focus();
}

function number(row) {
  rows(row.parentNode).forEach((each, place) => (position(each).value = place + 1));
  position(row).dispatchEvent(new Event("input", { bubbles: true }));
}

function sort(group, by) {
  const end = document.getElementById("senses-empty");
  const all = rows(group).sort((one, other) => by(one) - by(other));
  all.forEach((row) => end.before(row));
}

// The paragraph that the caret is in passes its neighbour.
function moveParagraph(area, step) {
  const paragraphs = area.value.trim().split(/\n{2,}/);
  const before = area.value.slice(0, area.selectionStart).trimStart().split(/\n{2,}/);
  const from = Math.min(before.length, paragraphs.length) - 1;
  const to = from + step;
  if (to < 0 || to >= paragraphs.length) return;
  paragraphs.splice(to, 0, ...paragraphs.splice(from, 1));
  area.value = paragraphs.join("\n\n");
  const caret = paragraphs.slice(0, to).join("\n\n").length + (to ? 2 : 0);
  area.setSelectionRange(caret, caret);
  area.dispatchEvent(new Event("input", { bubbles: true }));
}
