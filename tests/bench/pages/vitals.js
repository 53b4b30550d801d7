// Collects what the browser reports of a page from its beginning on. Durations are in milliseconds.
window.vitals = { lcp: 0, cls: 0, inp: 0 };
const observe = (type, note, options = {}) =>
  new PerformanceObserver((list) => list.getEntries().forEach(note)).observe({
    type,
    buffered: true,
    ...options,
  });
observe("largest-contentful-paint", (entry) => {
  vitals.lcp = entry.startTime;
});
observe("layout-shift", (entry) => {
  if (!entry.hadRecentInput) vitals.cls += entry.value;
});
observe(
  "event",
  (entry) => {
    if (entry.interactionId) vitals.inp = Math.max(vitals.inp, entry.duration);
  },
  { durationThreshold: 16 },
);
