const PAUSE = 60; // milliseconds without a key before the beginning of a name is asked for
const SHORTEST = 2; // letters

// A combobox with a list (ARIA Authoring Practices): names as one types. The form works without.
export function suggestNames(box, status) {
  const source = box?.dataset.suggest;
  if (!source) return;
  const { suggestions, byMeaning } = status.dataset;
  const fills = "fills" in box.dataset; // a choice is put into the box, instead of being gone to
  const list = listFor(box, suggestions);
  let asking = new AbortController();
  let timer = 0;
  let chosen = -1;

  const options = () => list.children;
  const close = () => {
    clearTimeout(timer);
    asking.abort();
    list.hidden = true;
    box.setAttribute("aria-expanded", "false");
    choose(-1);
  };
  const choose = (place) => {
    chosen = place;
    for (const [index, option] of [...options()].entries()) {
      option.setAttribute("aria-selected", String(index === place));
    }
    if (place < 0) return box.removeAttribute("aria-activedescendant");
    box.setAttribute("aria-activedescendant", options()[place].id);
    options()[place].scrollIntoView({ block: "nearest" });
  };
  const ask = async () => {
    asking.abort();
    asking = new AbortController();
    const begun = box.value.trim();
    if (begun.length < SHORTEST) return close();
    try {
      const address = `${source}&q=${encodeURIComponent(begun)}`;
      const answer = await fetch(address, { signal: asking.signal });
      if (answer.ok) show((await answer.json()).results, begun);
    } catch (error) {
      if (error.name !== "AbortError") close(); // no answer: the form still works
    }
  };
  const show = (results, begun) => {
    if (document.activeElement !== box) return close();
    const rows = results.map(nameOption);
    if (!fills) rows.push(optionOf("asked", byMeaning.replace("…", () => begun)));
    rows.forEach((row, index) => (row.id = `${list.id}-${index}`));
    list.replaceChildren(...rows);
    choose(-1);
    list.hidden = false;
    box.setAttribute("aria-expanded", "true");
    status.textContent = `${suggestions}: ${rows.length}`;
  };
  const follow = ({ dataset }) => {
    if (fills) {
      box.value = dataset.name;
      close();
      return box.dispatchEvent(new Event("change", { bubbles: true }));
    }
    if (dataset.address) return location.assign(dataset.address);
    close();
    box.form.requestSubmit();
  };
  const move = (step) => {
    const places = options().length + 1; // the last of them is the box itself
    const next = (chosen + step + places) % places;
    choose(next === places - 1 ? -1 : next);
  };

  box.addEventListener("input", (event) => {
    clearTimeout(timer);
    if (!event.isComposing) timer = setTimeout(ask, PAUSE);
  });
  box.addEventListener("blur", close);
  box.addEventListener("keydown", (event) => {
    if (event.isComposing || list.hidden) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      move(event.key === "ArrowDown" ? 1 : -1);
    } else if (event.key === "Escape") {
      close();
    } else if (event.key === "Enter" && chosen >= 0) {
      follow(options()[chosen]);
    } else {
      return;
    }
    event.preventDefault();
  });
  // Before the box loses its focus, which would close the list under the pointer.
  list.addEventListener("pointerdown", (event) => event.preventDefault());
  list.addEventListener("click", ({ target }) => {
    const option = target.closest("[role=option]");
    if (option) follow(option);
  });
}

function listFor(box, label) {
  const list = document.createElement("ul");
  list.id = `${box.id}-suggestions`;
  list.className = "suggestions";
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", label);
  list.hidden = true;
  box.closest(".search-box").append(list);
  box.setAttribute("role", "combobox");
  box.setAttribute("aria-autocomplete", "list");
  box.setAttribute("aria-expanded", "false");
  box.setAttribute("aria-controls", list.id);
  return list;
}

function nameOption({ name, matched, gist, url }) {
  const arrow = document.dir === "rtl" ? "←" : "→";
  const option = optionOf("suggested", matched === name ? name : `${matched} ${arrow} ${name}`);
  option.dataset.name = name;
  option.dataset.address = new URL(url).pathname;
  const about = document.createElement("span");
  about.className = "gist";
  about.textContent = gist;
  option.append(" ", about);
  return option;
}

function optionOf(kind, text) {
  const option = document.createElement("li");
  option.dir = "auto";
  option.setAttribute("role", "option");
  option.setAttribute("aria-selected", "false");
  const said = document.createElement("span");
  said.className = kind;
  said.textContent = text;
  option.append(said);
  return option;
}
