import { remember } from "../js/preferences.js";

const NO_TEXT = ["radio", "checkbox", "submit", "button"].map((type) => `[type=${type}]`);
const TYPING = `input:not(${NO_TEXT}), textarea, select, [contenteditable]`;
const ROWS = { KeyS: "senses", KeyA: "aliases", KeyR: "relations_out" };
const isMac = /Mac|iP/.test(navigator.platform);

// Keys that save, go on, add rows and open the palette; a switch turns all of them off.
export function offerKeys(form, { openPalette, beside }) {
  const note = document.querySelector("[data-keys-note]");
  const list = document.querySelector("[data-keys]");
  const toggle = note.querySelector("[data-keys-switch]");
  const open = () => list.showModal();
  remember(toggle, "admin-keys");
  note.hidden = false;
  note.querySelector("[data-show-keys]").addEventListener("click", open);
  document.addEventListener("keydown", (event) => {
    if (!toggle.checked || isTaken(event)) return;
    const act = actionOf(event);
    if (!act) return;
    event.preventDefault();
    act();
  });

  function actionOf({ key, code, altKey, shiftKey, ctrlKey, metaKey, target }) {
    const control = ctrlKey || metaKey;
    const isTyping = Boolean(target.closest?.(TYPING));
    if (control) return altKey || shiftKey ? null : byControl(key.toLowerCase());
    if (!altKey) return key === "?" && !isTyping && open;
    if (shiftKey) return form && ROWS[code] && (() => addRow(ROWS[code]));
    return beside && !(isMac && isTyping) && besides(key); // there Option moves by words
  }

  function byControl(key) {
    if (key === "k") return openPalette;
    const stay = form?.querySelector("[name=_continue]");
    if (key === "s") return stay && (() => form.requestSubmit(stay));
    const next = form?.querySelector("[name=_next]") ?? form?.querySelector("[name=_save]");
    return key === "enter" && next && (() => form.requestSubmit(next));
  }

  function besides(key) {
    const to = { ArrowLeft: "previous", ArrowRight: "next" }[key];
    return to && (() => location.assign(addressOf(to)));
  }

  function addressOf(to) {
    const query = new URLSearchParams({ to });
    const filters = new URLSearchParams(location.search).get("_changelist_filters");
    if (filters) query.set("_changelist_filters", filters);
    return `${beside}?${query}`;
  }
}

// While an input method composes, a key repeats, or a dialog or list is open, the key is theirs.
function isTaken({ defaultPrevented, isComposing, repeat }) {
  const isElsewhere = document.querySelector("dialog[open], .select2-container--open");
  return defaultPrevented || isComposing || repeat || isElsewhere;
}

function addRow(group) {
  document.querySelector(`#${group}-group .add-row a`)?.click();
  const row = Array.from(document.querySelectorAll(`.dynamic-${group}`)).at(-1);
  row?.querySelector("[name$=-definition], .field-name input, .field-kind select")?.focus();
}
