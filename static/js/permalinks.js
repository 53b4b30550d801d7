const SHOWN = 2000; // milliseconds for which a link says that it was copied

// A permalink is a plain link; where the clipboard may be written, it is copied as well.
export function copyOnClick(status) {
  if (!status || !navigator.clipboard) return;
  document.addEventListener("click", async (event) => {
    const link = event.target.closest?.("a[data-copy-link]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    if (isThisPage(link)) event.preventDefault();
    try {
      await navigator.clipboard.writeText(link.href);
    } catch {
      return;
    }
    say(status, link);
  });
}

function isThisPage({ hash, pathname }) {
  return !hash && pathname === location.pathname;
}

function say(status, link) {
  const { copied } = status.dataset;
  status.textContent = copied;
  link.dataset.copied = copied;
  setTimeout(() => {
    status.textContent = "";
    delete link.dataset.copied;
  }, SHOWN);
}
