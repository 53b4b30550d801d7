import { remember } from "./preferences.js";

const SEARCH = "/ Control+K Meta+K";
const LIST = "?";
const TYPING = "input:not([type=radio], [type=checkbox]), textarea, select, [contenteditable]";

// "/" and Ctrl-K or Cmd-K go to the search box, "?" shows what keys do; one switch turns them off
// (WCAG 2.1.4), while the button beside it still shows the list.
export function offerShortcuts(note, box, list) {
  if (!note || !box || !list) return;
  const toggle = note.querySelector("input");
  const opener = note.querySelector("[data-all-keys]");
  const show = () => {
    for (const hint of document.querySelectorAll("[data-shortcut-hint]")) {
      hint.hidden = !toggle.checked;
    }
    declare(box, toggle.checked && SEARCH);
    declare(opener, toggle.checked && LIST);
  };
  remember(toggle, "shortcuts");
  toggle.addEventListener("change", show);
  opener.addEventListener("click", () => list.showModal());
  document.addEventListener("keydown", (event) => {
    if (!toggle.checked || list.open || isNoShortcut(event)) return;
    if (asksForList(event)) list.showModal();
    else if (asksForSearch(event)) goTo(box);
    else return;
    event.preventDefault();
  });
  show();
  note.hidden = false;
}

function goTo(box) {
  box.focus();
  box.select();
}

function declare(element, keys) {
  if (keys) element.setAttribute("aria-keyshortcuts", keys);
  else element.removeAttribute("aria-keyshortcuts");
}

export function isNoShortcut({ defaultPrevented, isComposing, repeat, altKey, target }) {
  return defaultPrevented || isComposing || repeat || altKey || target.closest?.(TYPING);
}

function asksForList({ key, ctrlKey, metaKey }) {
  return key === "?" && !ctrlKey && !metaKey;
}

function asksForSearch({ key, ctrlKey, metaKey, shiftKey }) {
  return ctrlKey || metaKey ? key.toLowerCase() === "k" && !shiftKey : key === "/";
}
