const CLOSEST = 4000; // pixels for the whole map's side, times the square root of thousands of points
const MARGIN = 0.04; // of the smaller side

// Where one looks: the middle of the view on a map of the side 1, and pixels for that side.
export function cameraOn(canvas, count) {
  const closest = CLOSEST * Math.max(1, Math.sqrt(count / 1000));
  const camera = { x: 0.5, y: 0.5, scale: 1, width: 1, height: 1, whole: 1 };

  const settle = () => {
    camera.scale = Math.min(Math.max(camera.scale, camera.whole), closest);
    const near = camera.scale > camera.whole;
    for (const axis of ["x", "y"]) {
      camera[axis] = near ? Math.min(Math.max(camera[axis], 0), 1) : 0.5;
    }
    canvas.toggleAttribute("data-near", near);
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
