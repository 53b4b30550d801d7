const PAUSE = 120; // milliseconds without a key before a name is asked for

// Any term by its name, drafts too: a combobox in a dialog. Gives what opens it.
export function offerPalette(dialog) {
  const box = dialog.querySelector("input");
  const list = dialog.querySelector("ul");
  const status = dialog.querySelector("[role=status]");
  let chosen = 0;
  let timer = 0;
  let asked = 0;

  async function ask() {
    const turn = ++asked;
    const query = new URLSearchParams({ q: box.value });
    const answer = await fetch(`${dialog.dataset.url}?${query}`).catch(() => null);
    if (turn === asked) show(answer?.ok ? (await answer.json()).results : []);
  }

  function show(results) {
    list.replaceChildren(...results.map(option));
    box.setAttribute("aria-expanded", String(results.length > 0));
    status.textContent = box.value.trim() ? `${results.length || "No"} terms` : "";
    choose(0);
  }

  function choose(place) {
    const options = Array.from(list.children);
    chosen = (place + options.length) % (options.length || 1);
    options.forEach((each, n) => each.setAttribute("aria-selected", String(n === chosen)));
    options[chosen]?.scrollIntoView({ block: "nearest" });
    if (options[chosen]) box.setAttribute("aria-activedescendant", options[chosen].id);
    else box.removeAttribute("aria-activedescendant");
  }

  const follow = (each) => each && location.assign(each.dataset.url);
  box.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, PAUSE);
  });
  box.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "ArrowDown") choose(chosen + 1);
    else if (event.key === "ArrowUp") choose(chosen - 1);
    else if (event.key === "Enter") follow(list.children[chosen]);
    else return;
    event.preventDefault();
  });
  list.addEventListener("click", ({ target }) => follow(target.closest("[role=option]")));
  return () => {
    dialog.showModal();
    box.select();
  };
}

function option({ name, language, status, url }, place) {
  const row = document.createElement("li");
  row.id = `palette-${place}`;
  row.dataset.url = url;
  row.setAttribute("role", "option");
  const what = document.createElement("bdi");
  what.textContent = name;
  const how = document.createElement("small");
  how.textContent = `${language} · ${status}`;
  row.append(what, " ", how);
  return row;
}
