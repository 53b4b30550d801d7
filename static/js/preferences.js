// What a reader chose, kept in this browser only. Where storage is refused, for this page.
const chosen = new Map();

export function preference(name, otherwise) {
  try {
    return localStorage.getItem(name) ?? otherwise;
  } catch {
    return chosen.get(name) ?? otherwise;
  }
}

export function prefer(name, value) {
  chosen.set(name, value);
  try {
    localStorage.setItem(name, value);
  } catch {
    // Kept in `chosen`.
  }
}

// The checkbox of something that is on until the reader turns it off.
export function remember(toggle, name) {
  toggle.checked = preference(name, "on") === "on";
  toggle.addEventListener("change", () => prefer(name, toggle.checked ? "on" : "off"));
}
