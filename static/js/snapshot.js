// Search in a release that was written to a folder (terms/snapshot.py). No module: from a disk
// browsers load none.
(() => {
  const names = window.lexispaceNames ?? [];
  const space = window.lexispaceSpace;
  const root = document.body.dataset.root;
  const SHOWN = 20;
  const NEAR = 8;

  const key = (name) => name.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  const keys = names.map(([name, , , others]) => [name, ...others].map(key));

  function found(asked) {
    const places = keys.map((each) => {
      const at = each.map((name) => (name === asked ? 0 : name.startsWith(asked) ? 1 : name.includes(asked) ? 2 : 3));
      return Math.min(...at);
    });
    const order = [...places.keys()].filter((n) => places[n] < 3);
    return order.sort((a, b) => places[a] - places[b] || a - b).slice(0, SHOWN);
  }

  const vectors = space && Int8Array.from(atob(space.vectors), (sign) => sign.charCodeAt(0));
  const vector = (n) => vectors.subarray(n * space.dimensions, (n + 1) * space.dimensions);

  function near(n) {
    const mine = vector(n);
    if (!mine.some(Boolean)) return [];
    const score = (other) => vector(other).reduce((sum, value, at) => sum + value * mine[at], 0);
    const scored = [...names.keys()].filter((other) => other !== n).map((other) => [score(other), other]);
    return scored.filter(([sum]) => sum > 0).sort((a, b) => b[0] - a[0]).slice(0, NEAR).map(([, other]) => other);
  }

  function show(list, numbers) {
    const lines = numbers.map((n) => {
      const [name, path, gist] = names[n];
      const line = document.createElement("li");
      const link = document.createElement("a");
      link.className = "headword";
      link.href = root + path.split("/").map(encodeURIComponent).join("/");
      link.textContent = name;
      const words = document.createElement("span");
      words.className = "gist";
      words.textContent = gist;
      line.append(link, " ", words);
      return line;
    });
    list.replaceChildren(...lines);
  }

  function showNear(numbers) {
    const section = document.querySelector("[data-near]");
    section.hidden = numbers.length === 0;
    show(section.querySelector("ul"), numbers);
  }

  const search = document.querySelector("[data-search]");
  if (search) {
    search.hidden = false;
    search.querySelector("input").addEventListener("input", ({ target }) => {
      const asked = key(target.value.trim());
      const numbers = asked ? found(asked) : [];
      const status = search.querySelector("[role=status]");
      status.textContent = asked && !numbers.length ? status.dataset.none : "";
      show(search.querySelector("[data-found]"), numbers);
      showNear(space && numbers.length ? near(numbers[0]) : []);
    });
  }
  const entry = document.querySelector("[data-entry]");
  if (entry && space) {
    showNear(space.near[names.findIndex(([, path]) => path === entry.dataset.entry)] ?? []);
  }
})();
