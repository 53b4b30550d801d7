const SHOWN = 2000; // milliseconds for which a link says that it was copied

// A permalink is a plain link; where the clipboard may be written, it is copied as well, and a
// button copies the text that lies at an address, or that stands before it.
export function copyOnClick(status) {
  if (!status || !navigator.clipboard) return;
  for (const button of document.querySelectorAll("[data-copy-text]")) {
    button.hidden = false;
    button.addEventListener("click", () => copy(textFor(button), button, status));
  }
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[data-copy-link]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    if (isThisPage(link)) event.preventDefault();
    copy(plain(link.href), link, status);
  });
}

function isThisPage({ hash, pathname }) {
  return !hash && pathname === location.pathname;
}

const plain = (text) => new Blob([text], { type: "text/plain" });

async function textFor({ dataset, previousElementSibling: before }) {
  if (!dataset.copyText) return plain(before.textContent);
  const answer = await fetch(dataset.copyText);
  if (!answer.ok) throw new Error(answer.status);
  return plain(await answer.text());
}

// The clipboard gets a promise: after an answer has come, the click no longer counts everywhere.
async function copy(blob, pressed, status) {
  try {
    await navigator.clipboard.write([new ClipboardItem({ "text/plain": blob })]);
  } catch {
    return;
  }
  const copied = pressed.dataset.says ?? status.dataset.copied;
  status.textContent = copied;
  pressed.dataset.copied = copied;
  setTimeout(() => {
    status.textContent = "";
    delete pressed.dataset.copied;
  }, SHOWN);
}
