// A form that is on its way is not sent again by a second click.
const PATIENCE = 5000; // milliseconds: where the answer is a file, the page stays and may ask anew
let sent = new WeakMap();

addEventListener("submit", (event) => {
  if (event.defaultPrevented || event.target.method !== "post") return;
  if (event.timeStamp - (sent.get(event.target) ?? -PATIENCE) < PATIENCE) event.preventDefault();
  else sent.set(event.target, event.timeStamp);
});

// By the back button a page may come as it was left.
addEventListener("pageshow", () => {
  sent = new WeakMap();
});
