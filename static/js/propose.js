// Shows a definition as readers will see it, while it is written.
import { showWhileWritten } from "./definition.js";

const WAIT = 300;

for (const form of document.querySelectorAll("[data-preview-url]")) {
  for (const area of form.querySelectorAll("textarea[data-preview]")) preview(form, area);
}

function preview(form, area) {
  const box = area.closest("fieldset").querySelector(".preview");
  showWhileWritten(form, area, { url: form.dataset.previewUrl, wait: WAIT }, (html) => {
    box.querySelector(".definition").innerHTML = html;
    box.hidden = !area.value.trim();
  });
}
