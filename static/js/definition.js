// A definition as readers will see it, asked of the server once nothing more is typed for a while.
// `about` tells more of the entry than the text; `show` gets the HTML, which the server has
// sanitised. Returns what asks again.
export function showWhileWritten(form, area, { url, wait, about = () => ({}) }, show) {
  let timer = 0;
  let asked = 0;

  async function ask() {
    const turn = ++asked;
    const body = new FormData();
    body.set("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
    body.set("definition", area.value);
    for (const [name, value] of Object.entries(about())) body.set(name, value);
    const answer = await fetch(url, { method: "POST", body }).catch(() => null);
    if (answer?.ok && turn === asked) show(await answer.text());
  }

  const later = () => {
    clearTimeout(timer);
    timer = setTimeout(ask, wait);
  };
  area.addEventListener("input", later);
  return later;
}
