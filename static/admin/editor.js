// The admin of terms as a tool: each part finds what it needs on the page, or does nothing.
import { keepDrafts } from "./draft.js";
import { offerKeys } from "./keys.js";
import { offerOrder } from "./order.js";
import { offerPalette } from "./palette.js";
import { showDefinitions } from "./preview.js";

const form = document.getElementById("term_form");
const place = document.querySelector("[data-editor]");

// When Django's own scripts have made the rows and lists what they are.
window.django.jQuery(() => {
  if (!form || !place) return;
  offerOrder(form);
  showDefinitions(form, place.dataset.preview);
  keepDrafts(form, document.querySelector("[data-draft]"));
});
offerKeys(place && form, {
  openPalette: offerPalette(document.querySelector("[data-palette]")),
  beside: place?.dataset.beside,
});

// Django's own script would take the first button for the first field.
if (place && !place.dataset.beside) {
  addEventListener("load", () => setTimeout(() => form.elements.name.focus()));
}
