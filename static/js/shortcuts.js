import { remember } from "./preferences.js";

const KEYS = "/ Control+K Meta+K";
const TYPING = "input:not([type=radio], [type=checkbox]), textarea, select, [contenteditable]";

// "/" and Ctrl-K or Cmd-K go to the search box; one switch turns them off (WCAG 2.1.4).
export function offerShortcuts(note, box) {
  if (!note || !box) return;
  const toggle = note.querySelector("input");
  const show = () => {
    for (const hint of document.querySelectorAll("[data-shortcut-hint]")) {
      hint.hidden = !toggle.checked;
    }
    if (toggle.checked) box.setAttribute("aria-keyshortcuts", KEYS);
    else box.removeAttribute("aria-keyshortcuts");
  };
  remember(toggle, "shortcuts");
  toggle.addEventListener("change", show);
  document.addEventListener("keydown", (event) => {
    if (!toggle.checked || !asksForSearch(event)) return;
    event.preventDefault();
    box.focus();
    box.select();
  });
  show();
  note.hidden = false;
}

function asksForSearch(event) {
  if (event.defaultPrevented || event.isComposing || event.repeat || event.altKey) return false;
  if (event.target.closest?.(TYPING)) return false;
  const modified = event.ctrlKey || event.metaKey;
  return modified ? event.key.toLowerCase() === "k" && !event.shiftKey : event.key === "/";
}
