const CLOSEST = 4000; // pixels for the whole map's side, times the square root of thousands of points
const MARGIN = 0.04; // of the smaller side

// Where one looks: the middle of the view on a map of the side 1, and pixels for that side.
export function cameraOn(canvas, count) {
  const closest = CLOSEST * Math.max(1, Math.sqrt(count / 1000));
  const camera = { x: 0.5, y: 0.5, scale: 1, width: 1, height: 1, whole: 1 };

  const settle = () => {
    camera.scale = Math.min(Math.max(camera.scale, camera.whole), closest);
    camera.x = between(camera.x, camera.width);
    camera.y = between(camera.y, camera.height);
    canvas.toggleAttribute("data-near", camera.scale > camera.whole);
  };
  // The map's middle where all of it is in view; otherwise no farther than its edge.
  const between = (place, extent) => {
    const seen = extent / camera.scale / 2;
    return seen >= 0.5 ? 0.5 : Math.min(Math.max(place, seen - MARGIN), 1 - seen + MARGIN);
  };

  return Object.assign(camera, {
    resize(width, height) {
      const wasWhole = camera.scale <= camera.whole;
      const whole = Math.min(width, height) * (1 - 2 * MARGIN);
      Object.assign(camera, { width, height, whole });
      if (wasWhole) camera.scale = whole;
      settle();
    },
    across: (x) => (x - camera.x) * camera.scale + camera.width / 2,
    down: (y) => (y - camera.y) * camera.scale + camera.height / 2,
    pan(dx, dy) {
      camera.x -= dx / camera.scale;
      camera.y -= dy / camera.scale;
      settle();
    },
    // What lies under the pixel stays there. Returns whether anything changed.
    zoom(factor, across = camera.width / 2, down = camera.height / 2) {
      const before = camera.scale;
      const [dx, dy] = [across - camera.width / 2, down - camera.height / 2];
      const scale = Math.min(Math.max(before * factor, camera.whole), closest);
      camera.x += dx / before - dx / scale;
      camera.y += dy / before - dy / scale;
      camera.scale = scale;
      settle();
      return scale !== before;
    },
    lookAt(x, y, times) {
      Object.assign(camera, { x, y, scale: camera.whole * times });
      settle();
    },
    showAll() {
      camera.scale = 0;
      settle();
    },
  });
}
