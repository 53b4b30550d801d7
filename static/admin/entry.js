// The term's form as an entry in JSON, the shape that REST, proposals and hints have.
const SOURCE = "Source:";

// `{entry, senses}`: the forms' numbers in the order of the entry's senses.
export function entryOf(form) {
  const value = (name) => form.elements[name]?.value.trim() ?? "";
  const senses = rows(form, "senses")
    .filter((row) => value(`${row}-definition`))
    .sort((one, other) => value(`${one}-position`) - value(`${other}-position`));
  const entry = {
    name: value("name"),
    slug: value("slug"),
    language: value("language") || "en",
    status: value("status") || "draft",
    senses: senses.map((row) => ({
      definition: value(`${row}-definition`),
      part_of_speech: value(`${row}-part_of_speech`),
      register: value(`${row}-register`),
      examples: examplesOf(value(`${row}-examples`)),
      topics: chosen(form.elements[`${row}-topics`]),
    })),
    aliases: rows(form, "aliases")
      .filter((row) => value(`${row}-name`))
      .map((row) => ({ name: value(`${row}-name`), kind: value(`${row}-kind`) })),
  };
  return { entry, rows: senses };
}

// The prefixes of the forms in a group that are not to be deleted.
export function rows(form, group) {
  const count = Number(form.elements[`${group}-TOTAL_FORMS`]?.value ?? 0);
  return Array.from({ length: count }, (_, number) => `${group}-${number}`).filter(
    (row) => !form.elements[`${row}-DELETE`]?.checked,
  );
}

function chosen(select) {
  return Array.from(select?.selectedOptions ?? [], (option) => option.text);
}

// One a paragraph; a last line may be its source.
function examplesOf(text) {
  const paragraphs = text.split(/\n{2,}/).filter((paragraph) => paragraph.trim());
  return paragraphs.map((paragraph) => {
    const lines = paragraph.trim().split("\n");
    const source = lines.at(-1).startsWith(SOURCE) ? lines.pop().slice(SOURCE.length).trim() : "";
    return { text: lines.join("\n").trim(), source };
  });
}

// The prefix of a row that is empty yet; without one, of a row that the group's own link adds.
function freeRow(form, group, field) {
  const free = rows(form, group).find((row) => form.elements[`${row}-${field}`]?.value === "");
  if (free) return free;
  document.querySelector(`#${group}-group .add-row a`).click();
  return rows(form, group).at(-1);
}

function choose(select, id, label) {
  const known = Array.from(select.options).find((option) => option.value === String(id));
  const option = known ?? select.appendChild(new Option(label, id));
  option.selected = true;
  select.dispatchEvent(new Event("change", { bubbles: true }));
}

// What accepting a hint of each kind writes into the form.
export const accept = {
  relation(form, action) {
    const row = freeRow(form, "relations_out", "to_term");
    form.elements[`${row}-kind`].value = action.kind;
    choose(form.elements[`${row}-to_term`], action.id, action.label);
    form.elements[`${row}-accepted`].value = action.score;
  },
  alias(form, action) {
    const row = freeRow(form, "aliases", "name");
    form.elements[`${row}-name`].value = action.name;
    form.elements[`${row}-kind`].value = action.kind;
  },
  topic(form, action, row) {
    choose(form.elements[`${row}-topics`], action.id, action.label);
  },
};

// Whether the form holds it already, though it may not be saved.
export function isThere(form, hint) {
  return (
    hint.kind === "relation" &&
    rows(form, "relations_out").some(
      (row) => form.elements[`${row}-to_term`]?.value === String(hint.action.id),
    )
  );
}

// Asks of the entry as it is in the form; null away from the network.
export function send(url, form, entry, term) {
  const headers = {
    "Content-Type": "application/json",
    "X-CSRFToken": form.elements.csrfmiddlewaretoken.value,
  };
  const body = JSON.stringify({ entry, term: term || null });
  return fetch(url, { method: "POST", headers, body }).catch(() => null);
}
