// The map to move about in, in place of the drawing. Loaded on the map's page alone.
import { cameraOn } from "./map-camera.js";
import { painterOn } from "./map-painter.js";

const STEP = 1.5; // of one press of a button or key
const NEAR = 14; // pixels from a point at which it is meant
const FINGER = 24;
const MOVED = 6; // pixels, beyond which a press is no click

const figure = document.querySelector("[data-map]");
if (figure) start(figure);

async function start(figure) {
  const answer = await fetch(figure.dataset.points);
  if (answer.ok) show(figure, read(await answer.json()));
}

function read({ size, clusters, x, y, cluster, name, slug }) {
  return {
    count: name.length,
    x: Float32Array.from(x, (each) => each / size),
    y: Float32Array.from(y, (each) => each / size),
    cluster,
    name,
    slugOf: (i) => slug[i] || name[i].toLowerCase().replaceAll(" ", "-"),
    clusters: clusters.map(({ words, at }) => ({ words, x: at[0] / size, y: at[1] / size })),
  };
}

function show(figure, map) {
  const canvas = canvasFor(figure.dataset.label);
  const camera = cameraOn(canvas, map.count);
  const painter = painterOn(canvas, figure, map);
  const line = figure.querySelector(".map-picked");
  let picked = -1;
  let asked = 0;

  const redraw = () => {
    asked ||= requestAnimationFrame(() => {
      asked = 0;
      painter.paint(camera, picked);
    });
  };
  const pick = (i) => {
    if (i === picked) return;
    picked = i;
    if (i >= 0) line.replaceChildren(linkTo(i));
    redraw();
  };
  const addressOf = (i) => figure.dataset.entries + encodeURIComponent(map.slugOf(i));
  const linkTo = (i) => {
    const link = document.createElement("a");
    link.href = addressOf(i);
    link.textContent = map.name[i];
    const group = document.createElement("span");
    group.className = "count";
    const number = map.cluster[i];
    group.textContent = `${number + 1} ${map.clusters[number].words.slice(0, 3).join(", ")}`;
    const both = new DocumentFragment();
    both.append(link, " ", group);
    return both;
  };
  const nearestTo = (across, down, within) => {
    let [best, least] = [-1, within ** 2];
    for (let i = 0; i < map.count; i++) {
      const far = (camera.across(map.x[i]) - across) ** 2 + (camera.down(map.y[i]) - down) ** 2;
      if (far < least) [best, least] = [i, far];
    }
    return best;
  };
  const zoom = (factor, across, down) => {
    const changed = camera.zoom(factor, across, down);
    redraw();
    return changed;
  };
  const all = () => {
    camera.showAll();
    redraw();
  };

  new ResizeObserver(() => {
    const { clientWidth: width, clientHeight: height } = canvas;
    const ratio = devicePixelRatio || 1;
    Object.assign(canvas, { width: width * ratio, height: height * ratio });
    camera.resize(width, height);
    painter.paint(camera, picked);
  }).observe(canvas);
  const recolour = () => {
    painter.forgetInks();
    redraw();
  };
  for (const query of ["(prefers-color-scheme: dark)", "(forced-colors: active)"]) {
    matchMedia(query).addEventListener("change", recolour);
  }
  new MutationObserver(recolour).observe(document.documentElement, {
    attributeFilter: ["data-theme"],
  });
  document.fonts.ready.then(redraw);

  followPointers(canvas, { camera, redraw, zoom, pick, nearestTo, open: (i) => location.assign(addressOf(i)), picked: () => picked });
  followKeys(canvas, { camera, redraw, zoom, all, pick, nearestTo, open: () => picked >= 0 && location.assign(addressOf(picked)) });
  figure.querySelector(".map-controls").addEventListener("click", ({ target }) => {
    if (target.dataset.zoom === "all") all();
    else if (target.dataset.zoom) zoom(target.dataset.zoom === "in" ? STEP : 1 / STEP);
  });

  figure.querySelector("svg").before(canvas);
  figure.querySelector(".map-controls").hidden = false;
  figure.dataset.live = "";
  document.documentElement.dataset.mapLive = "";
  const at = figure.dataset.at;
  camera.resize(canvas.clientWidth, canvas.clientHeight);
  for (let i = 0; at && i < map.count; i++) {
    if (map.slugOf(i) !== at) continue;
    camera.lookAt(map.x[i], map.y[i], 4);
    pick(i);
  }
}

function canvasFor(label) {
  const canvas = document.createElement("canvas");
  canvas.tabIndex = 0;
  canvas.setAttribute("role", "application");
  canvas.setAttribute("aria-label", label);
  return canvas;
}

function followPointers(canvas, { camera, redraw, zoom, pick, picked, nearestTo, open }) {
  const down = new Map();
  let travelled = 0;

  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    if (!down.size) travelled = 0;
    down.set(event.pointerId, event);
  });
  canvas.addEventListener("pointermove", (event) => {
    const before = down.get(event.pointerId);
    if (!before) {
      const over = nearestTo(event.offsetX, event.offsetY, NEAR);
      canvas.toggleAttribute("data-over", over >= 0);
      if (over >= 0) pick(over);
      return;
    }
    const [dx, dy] = [event.offsetX - before.offsetX, event.offsetY - before.offsetY];
    travelled += Math.hypot(dx, dy);
    if (down.size === 2) {
      const other = [...down.values()].find((each) => each.pointerId !== event.pointerId);
      zoom(apart(event, other) / apart(before, other), other.offsetX, other.offsetY);
    } else if (travelled > MOVED) {
      camera.pan(dx, dy);
      redraw();
    }
    down.set(event.pointerId, event);
  });
  canvas.addEventListener("pointerup", (event) => {
    if (down.delete(event.pointerId) && travelled <= MOVED && event.button === 0) {
      const isMouse = event.pointerType === "mouse";
      const meant = nearestTo(event.offsetX, event.offsetY, isMouse ? NEAR : FINGER);
      if (meant >= 0 && (isMouse || meant === picked())) open(meant);
      else if (meant >= 0) pick(meant); // a finger sees the name first
    }
  });
  canvas.addEventListener("pointercancel", (event) => down.delete(event.pointerId));
  canvas.addEventListener(
    "wheel",
    (event) => {
      const factor = Math.exp(-event.deltaY * (event.deltaMode ? 0.05 : 0.0015));
      // Where the map goes no farther, the page scrolls.
      if (zoom(factor, event.offsetX, event.offsetY) || event.ctrlKey) event.preventDefault();
    },
    { passive: false },
  );
}

function apart(one, other) {
  return Math.hypot(one.offsetX - other.offsetX, one.offsetY - other.offsetY) || 1;
}

function followKeys(canvas, { camera, redraw, zoom, all, pick, nearestTo, open }) {
  const status = document.querySelector("[data-announcements]");
  const step = () => Math.min(camera.width, camera.height) / 8;
  const keys = {
    ArrowLeft: () => camera.pan(step(), 0),
    ArrowRight: () => camera.pan(-step(), 0),
    ArrowUp: () => camera.pan(0, step()),
    ArrowDown: () => camera.pan(0, -step()),
    "+": () => zoom(STEP),
    "=": () => zoom(STEP),
    "-": () => zoom(1 / STEP),
    0: all,
  };
  canvas.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Enter") return open();
    if (!keys[event.key]) return;
    event.preventDefault();
    keys[event.key]();
    const middle = nearestTo(camera.width / 2, camera.height / 2, Infinity);
    pick(middle);
    redraw();
    status.textContent = canvas.closest("figure").querySelector(".map-picked").textContent;
  });
}
