// What is typed keeps itself: on the server, and in this browser while the server has it not yet.
import { fields, restore } from "./fields.js";

const PAUSE = 1000; // milliseconds after the last edit
const PATIENCE = 8000;
const KEEPALIVE = 60_000; // characters; browsers let no more outlive a page

export function keepDrafts(form, offer) {
  const { url, user } = offer.dataset;
  const local = `draft:${user}:${url}`;
  const state = document.querySelector("[data-draft-state]");
  const pristine = JSON.stringify(fields(form));
  let last = pristine;
  let timer = 0;
  let asking = null;
  let isDirty = false;
  let isOver = false;

  const typed = () => {
    const version = Number(form.elements.seen_version?.value) || null;
    return { data: fields(form), version, at: new Date().toISOString() };
  };
  const send = (method, draft) => {
    const body = draft && JSON.stringify(draft);
    const headers = { "X-CSRFToken": form.elements.csrfmiddlewaretoken.value };
    const keepalive = Boolean(body) && body.length < KEEPALIVE;
    const signal = AbortSignal.timeout(PATIENCE);
    return fetch(url, { method, body, headers, keepalive, signal }).catch(() => null);
  };

  async function keep() {
    if (isOver || asking) return;
    const draft = typed();
    last = JSON.stringify(draft.data);
    isDirty = false;
    store(local, draft);
    asking = send("POST", draft);
    const answer = await asking;
    asking = null;
    if (answer?.ok && !isDirty) store(local, null);
    state.textContent = said(answer);
    if (isDirty) timer = setTimeout(keep, PAUSE);
  }

  // Django's widgets tell of changes that are none, when they are made.
  function later() {
    isDirty = JSON.stringify(fields(form)) !== last;
    if (!isDirty) return;
    clearTimeout(timer);
    timer = setTimeout(keep, PAUSE);
  }

  async function look() {
    const answer = await fetch(url).catch(() => null);
    const kept = answer?.ok ? await answer.json() : {};
    if (stored(local)?.isSent && answer?.ok && !kept.data) store(local, null); // it was saved
    const draft = newest(kept, stored(local));
    if (!draft.data || isDirty || JSON.stringify(draft.data) === pristine) return;
    offer.querySelector("p").textContent = `You left unsaved changes of ${timeOf(draft.at)}.`;
    offer.hidden = false;
    offer.querySelector("[data-restore]").addEventListener("click", () => {
      offer.hidden = true;
      restore(form, draft);
      form.elements.name?.focus();
    });
    offer.querySelector("[data-discard]").addEventListener("click", () => {
      offer.hidden = true;
      store(local, null);
      send("DELETE");
    });
  }

  form.addEventListener("input", later);
  form.addEventListener("change", later);
  form.addEventListener("formset:added", later);
  document.addEventListener("formset:removed", later);
  window.django?.jQuery(form).on("change", "select", later); // select2 tells jQuery alone
  form.addEventListener("submit", async (event) => {
    isOver = true;
    clearTimeout(timer);
    store(local, { ...typed(), isSent: true });
    if (!asking) return;
    event.preventDefault(); // a draft on its way must not arrive after the term
    await asking;
    form.requestSubmit(event.submitter);
  });
  addEventListener("pagehide", () => {
    if (isOver || !isDirty) return;
    store(local, typed());
    send("POST", typed());
  });
  look();
}

function said(answer) {
  const at = timeOf(new Date());
  if (answer?.ok) return `Draft kept at ${at}; not saved yet.`;
  if (answer?.status === 413) return "This is too long to be kept as a draft.";
  const why = answer ? "The server did not take it" : "No connection";
  return `${why}: the draft of ${at} is kept in this browser.`;
}

function timeOf(when) {
  const at = new Date(when);
  const isToday = at.toDateString() === new Date().toDateString();
  return isToday ? at.toLocaleTimeString([], { timeStyle: "short" }) : at.toLocaleString();
}

function newest(server, local) {
  return local && !(Date.parse(server.at) >= Date.parse(local.at)) ? local : server;
}

// Without room, or where storage is refused, the server alone has it.
function store(name, draft) {
  try {
    if (draft) localStorage.setItem(name, JSON.stringify(draft));
    else localStorage.removeItem(name);
  } catch {
    // See above.
  }
}

function stored(name) {
  try {
    return JSON.parse(localStorage.getItem(name));
  } catch {
    return null;
  }
}
