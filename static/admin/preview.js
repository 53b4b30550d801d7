// Under each definition, how readers will see it, with the links to the terms that it mentions.
const PAUSE = 500;

export function showDefinitions(form, url) {
  const areas = (within) => within.querySelectorAll("textarea[name$=-definition]");
  for (const area of areas(form)) offer(form, area, url);
  form.addEventListener("formset:added", ({ target }) => {
    for (const area of areas(target)) offer(form, area, url);
  });
}

function offer(form, area, url) {
  const section = document.createElement("section");
  section.className = "seen";
  section.setAttribute("aria-label", "As readers see it");
  section.hidden = true;
  area.closest(".form-row").append(section);
  let timer = 0;
  let asked = 0;

  async function show() {
    const turn = ++asked;
    const body = new FormData();
    body.set("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
    body.set("definition", area.value);
    body.set("language", form.elements.language?.value || "en");
    body.set("slug", form.elements.slug?.value || form.elements.name?.value || "");
    const answer = await fetch(url, { method: "POST", body }).catch(() => null);
    if (!answer?.ok || turn !== asked) return;
    section.innerHTML = await answer.text(); // sanitised by the server
    section.hidden = !area.value.trim();
    for (const link of section.querySelectorAll("a")) link.target = "_blank";
  }

  const later = () => {
    clearTimeout(timer);
    timer = setTimeout(show, PAUSE);
  };
  area.addEventListener("input", later);
  area.addEventListener("change", later);
  area.addEventListener("focus", () => section.hidden && later());
}
