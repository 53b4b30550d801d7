// Improves pages that are complete without it.
import { offerThemes } from "./appearance.js";
import { offerCards } from "./cards.js";
import { copyOnClick } from "./permalinks.js";
import { offerShortcuts } from "./shortcuts.js";
import { suggestNames } from "./suggest.js";

offerThemes(document.querySelector("[data-theme-choice]"));
offerShortcuts(
  document.querySelector("[data-shortcuts]"),
  document.querySelector("form[role=search] input[type=search]"),
  document.querySelector("[data-keys]"),
);
offerCards(
  document.querySelector("[data-cards]"),
  document.querySelector("main"),
  document.querySelector("[data-announcements]"),
);
copyOnClick(document.querySelector("[data-announcements]"));
for (const box of document.querySelectorAll("[data-suggest]")) {
  suggestNames(box, document.querySelector("[data-announcements]"));
}
