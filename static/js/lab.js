// The answer follows what is set, and the address with it. Without this the button sends the form.
const PAUSE = 200; // milliseconds without a change before the answer is asked for

const form = document.querySelector("[data-lab]");
if (form) follow(form, document.querySelector("[data-answer]"));

function follow(form, answer) {
  let asking = new AbortController();
  let timer = 0;

  const show = async () => {
    asking.abort();
    asking = new AbortController();
    if (!form.checkValidity()) return;
    const address = `${form.action}?${new URLSearchParams(new FormData(form))}`;
    answer.dataset.asking = "";
    try {
      const reply = await fetch(address, { signal: asking.signal });
      const page = new DOMParser().parseFromString(await reply.text(), "text/html");
      const next = page.querySelector("[data-answer]");
      // A page that says what is wrong, or something else than this one, is shown whole.
      if (!reply.ok || !next) return location.assign(address);
      answer.replaceChildren(...next.childNodes);
      history.replaceState(null, "", address);
      delete answer.dataset.asking;
    } catch (error) {
      if (error.name !== "AbortError") delete answer.dataset.asking;
    }
  };
  const soon = () => {
    clearTimeout(timer);
    timer = setTimeout(show, PAUSE);
  };

  form.addEventListener("input", ({ target }) => {
    if (target.type !== "range") return;
    target.closest(".slider").querySelector("output").textContent = target.value;
    soon();
  });
  form.addEventListener("change", soon);
}
