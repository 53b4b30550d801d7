// Shows a definition as readers will see it, while it is written.
const WAIT = 300;

for (const form of document.querySelectorAll("[data-preview-url]")) {
  for (const area of form.querySelectorAll("textarea[data-preview]")) preview(form, area);
}

function preview(form, area) {
  const box = area.closest("fieldset").querySelector(".preview");
  let timer = 0;
  let asked = 0;
  area.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(show, WAIT);
  });

  async function show() {
    const mine = ++asked;
    const body = new FormData();
    body.set("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
    body.set("definition", area.value);
    const answer = await fetch(form.dataset.previewUrl, { method: "POST", body }).catch(() => null);
    if (!answer?.ok || mine !== asked) return;
    box.querySelector(".definition").innerHTML = await answer.text(); // sanitised by the server
    box.hidden = !area.value.trim();
  }
}
