// What Django's admin leaves without a name is named by what names it to the eye.

for (const head of document.querySelectorAll("th:empty")) {
  const cell = document.createElement("td"); // it heads nothing
  cell.className = head.className;
  head.replaceWith(cell);
}

// A table that is too wide for the screen scrolls: where nothing in it takes the focus, it does.
for (const group of document.querySelectorAll(".inline-group")) {
  if (!group.querySelector("a, input:not([type=hidden])")) group.tabIndex = 0;
}

// select2 draws a box in the place of a select, and takes no label over.
function nameBoxes(within) {
  for (const select of within.querySelectorAll(".select2-hidden-accessible")) {
    const box = select.nextElementSibling.querySelector(".select2-selection");
    const value = box.querySelector(".select2-selection__rendered");
    box.id = `${select.id}-box`;
    box.setAttribute("aria-controls", `select2-${select.id}-results`);
    box.setAttribute("aria-labelledby", `${box.id} ${value.id}`);
    value.removeAttribute("aria-readonly");
    value.setAttribute("role", "presentation");
    name([box, ...box.querySelectorAll("input")], select);
  }
}

function name(elements, { ariaLabel, labels }) {
  const said = ariaLabel ?? Array.from(labels, (label) => label.textContent.trim()).join(" ");
  for (const each of elements) each.setAttribute("aria-label", said.replace(/:$/, ""));
}

const $ = window.django?.jQuery;
$?.fn.select2?.defaults.set("dropdownParent", "main"); // a list belongs to what the page is about
$?.(() => nameBoxes(document)); // when Django's own scripts have drawn them
document.addEventListener("formset:added", ({ target }) => nameBoxes(target));
$?.(document).on("select2:open", ({ target }) => {
  const parts = ".select2-search__field, .select2-results__options";
  name(document.querySelectorAll(`.select2-dropdown :is(${parts})`), target);
});
