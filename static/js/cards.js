import { remember } from "./preferences.js";

const PAUSE = 250; // milliseconds on a word before its card shows, and off both before it goes
const EDGE = 8; // pixels from the window
const GAP = 4; // and from the word

// What a linked term means: on hover, on focus, at the first tap. Escape closes it, the pointer may
// enter it, and it stays until one leaves (WCAG 1.4.13).
export function offerCards(note, main, status) {
  if (!note || !main) return;
  const toggle = note.querySelector("input");
  const card = cardIn(main);
  const known = new Map();
  let word = null; // its card is shown or asked for
  let tapped = null;
  let timer = 0;

  const close = () => {
    clearTimeout(timer);
    word?.removeAttribute("aria-describedby");
    word = null;
    card.hidden = true;
  };
  const soon = (act) => {
    clearTimeout(timer);
    timer = setTimeout(act, PAUSE);
  };
  const show = async (link) => {
    close();
    word = link;
    const about = await ask(known, link.pathname);
    if (word !== link) return true;
    card.innerHTML = about;
    card.hidden = !about;
    if (!about) return false;
    put(card, link);
    link.setAttribute("aria-describedby", card.id);
    if (link.matches(":focus-visible")) status.textContent = card.textContent;
    return true;
  };
  const rest = (link) => {
    if (link === word) clearTimeout(timer);
    else if (toggle.checked) soon(() => show(link));
  };

  remember(toggle, "cards");
  toggle.addEventListener("change", close);
  note.hidden = false;

  document.addEventListener("pointerover", ({ target, pointerType }) => {
    if (pointerType === "touch") return;
    const link = mentionAt(target);
    if (link) rest(link);
    else if (card.contains(target)) clearTimeout(timer);
    else if (!word?.matches(":focus-visible")) soon(close);
  });
  document.addEventListener("focusin", ({ target }) => {
    const link = mentionAt(target);
    if (link?.matches(":focus-visible")) rest(link);
    else if (!card.contains(target)) close();
  });
  document.addEventListener("keydown", ({ key }) => {
    if (key === "Escape") close();
  });
  document.addEventListener("pointerdown", ({ target, pointerType }) => {
    const link = mentionAt(target);
    tapped = pointerType === "touch" && link !== word ? link : null;
    if (!link && !card.contains(target)) close();
  });
  document.addEventListener("click", async (event) => {
    const link = mentionAt(event.target);
    if (!link || link !== tapped || !toggle.checked) return;
    event.preventDefault();
    if (!(await show(link))) location.assign(link.href);
  });
}

function mentionAt(target) {
  return target.closest?.("a.mention") ?? null;
}

// Focusable, so that a click in it does not give the focus to `main`.
function cardIn(main) {
  const card = document.createElement("div");
  card.id = card.className = "card";
  card.tabIndex = -1;
  card.hidden = true;
  main.append(card);
  return card;
}

// The fragment about a term; "" when there is none.
async function ask(known, address) {
  if (!known.get(address)) {
    const answer = await fetch(`${address}/preview`).catch(() => null);
    known.set(address, answer?.ok ? await answer.text() : "");
  }
  return known.get(address);
}

// Below the word's last line or above its first, within the window.
function put({ style, offsetWidth, offsetHeight }, link) {
  const lines = link.getClientRects();
  const { clientWidth, clientHeight } = document.documentElement;
  const above = lines[0].top - GAP - offsetHeight;
  const line = lines[lines.length - 1];
  const isBelow = above < EDGE || line.bottom + GAP + offsetHeight + EDGE <= clientHeight;
  const beside = isBelow ? line : lines[0];
  const start = document.dir === "rtl" ? beside.right - offsetWidth : beside.left;
  const left = Math.min(start, clientWidth - offsetWidth - EDGE);
  style.left = `${scrollX + Math.max(left, EDGE)}px`;
  style.top = `${scrollY + (isBelow ? line.bottom + GAP : above)}px`;
}
