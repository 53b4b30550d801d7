// A form of Django's admin as data, and back.
const LEFT_OUT = /^(csrfmiddlewaretoken|seen_version|_.*|.*__prefix__.*|)$/;

const ours = (form) =>
  Array.from(form.elements).filter(
    ({ name, type }) => !LEFT_OUT.test(name ?? "") && type !== "submit" && type !== "button",
  );

// [name, value], and for a choice its label, which the page may not know when it comes back.
export function fields(form) {
  return ours(form).flatMap((each) => {
    if (each.type === "checkbox") return each.checked ? [[each.name, "on"]] : [];
    if (!(each instanceof HTMLSelectElement)) return [[each.name, each.value]];
    return Array.from(each.selectedOptions, ({ value, text }) => [each.name, value, text]);
  });
}

// The form as it was, rows and version included: what was saved since is merged on saving.
export function restore(form, { data, version }) {
  for (const [name, total] of data) {
    const group = /^(.*)-TOTAL_FORMS$/.exec(name)?.[1];
    if (group) resize(group, Number(total));
  }
  for (const each of ours(form)) {
    write(each, data.filter(([name]) => name === each.name));
  }
  if (version && form.elements.seen_version) form.elements.seen_version.value = version;
}

function resize(group, total) {
  const rows = () => Array.from(document.querySelectorAll(`.dynamic-${group}`));
  const link = document.querySelector(`#${group}-group .add-row a`);
  for (let n = rows().length; link && n < total; n++) link.click();
  for (const row of rows().slice(total)) row.remove();
}

function write(element, rows) {
  if (element.type === "checkbox") element.checked = rows.length > 0;
  else if (element instanceof HTMLSelectElement) choose(element, rows);
  else if (rows.length) element.value = rows[0][1];
  element.dispatchEvent(new Event("change", { bubbles: true }));
}

function choose(select, rows) {
  for (const [, value, label] of rows) {
    const isKnown = Array.from(select.options).some((option) => option.value === value);
    if (!isKnown) select.append(new Option(label ?? value, value));
  }
  for (const option of select.options) {
    option.selected = rows.some(([, value]) => value === option.value);
  }
}
