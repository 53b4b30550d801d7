// “What this changes”: the entry in the form against the stored term, asked for by a button.
import { entryOf, send } from "./entry.js";

export function offerMeaningDiff(section, form, term) {
  const answer = section.querySelector("[aria-live]");
  section.hidden = false;
  section.querySelector("button").addEventListener("click", async () => {
    answer.textContent = "Asking …";
    const response = await send(section.dataset.url, form, entryOf(form).entry, term);
    if (response?.ok) answer.innerHTML = await response.text();
    else answer.textContent = "This cannot be told of the entry as it is.";
  });
}
