import { prefer, preference } from "./preferences.js";

const root = document.documentElement;

export function offerThemes(form) {
  if (!form) return;
  const choice = preference("theme", "system");
  for (const radio of form.querySelectorAll("input")) radio.checked = radio.value === choice;
  form.addEventListener("change", ({ target }) => wear(target.value));
  form.hidden = false;
}

function wear(theme) {
  prefer("theme", theme);
  if (theme === "system") delete root.dataset.theme;
  else root.dataset.theme = theme;
}
