// Under each definition, how readers will see it, with the links to the terms that it mentions.
import { showWhileWritten } from "../js/definition.js";

const WAIT = 500;

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
  const value = (name) => form.elements[name]?.value;
  const about = () => ({
    language: value("language") || "en",
    slug: value("slug") || value("name") || "",
  });
  const later = showWhileWritten(form, area, { url, wait: WAIT, about }, (html) => {
    section.innerHTML = html;
    section.hidden = !area.value.trim();
    for (const link of section.querySelectorAll("a")) link.target = "_blank";
  });
  area.addEventListener("change", later);
  area.addEventListener("focus", () => section.hidden && later());
}
