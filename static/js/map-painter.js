const MARKS = 6;
const MANY = 4000; // points in view, beyond which each is a speck
const SPECKS = 40000; // at the most: they cover one another long before
const NAMES = 90; // at the most
const FIRST = 5000; // divided by the number of entries: how many names the whole map has

// Draws points, names and what is picked. Names come in the order of the points, of which every
// beginning is spread over the map, and never cover one another.
export function painterOn(canvas, figure, map) {
  const pen = canvas.getContext("2d");
  const layer = document.createElement("canvas");
  const widths = new Map();
  const ratio = () => devicePixelRatio || 1;
  let [inks, drawn] = [null, ""];

  const readInks = () => {
    const probe = figure.querySelector("svg .mark").cloneNode();
    figure.querySelector("svg").append(probe);
    const style = getComputedStyle(probe);
    const marks = Array.from({ length: MARKS }, (_, mark) => {
      probe.dataset.mark = mark;
      return style.color;
    });
    probe.remove();
    const { color, fontFamily } = getComputedStyle(figure.querySelector("figcaption"));
    const { color: ink, backgroundColor: paper } = getComputedStyle(
      figure.querySelector("button"),
    );
    return { marks, muted: color, family: fontFamily, ink, paper };
  };

  const visible = (camera) => {
    const seen = [];
    for (let i = 0; i < map.count; i++) {
      const x = camera.across(map.x[i]);
      const y = camera.down(map.y[i]);
      if (x > -9 && y > -9 && x < camera.width + 9 && y < camera.height + 9) seen.push(i);
    }
    return seen;
  };

  // All points are drawn again only when one looks elsewhere, not for each name that is pointed at.
  const pointsFrom = (camera, seen) => {
    const view = [camera.x, camera.y, camera.scale, canvas.width, canvas.height].join();
    if (view !== drawn) drawPoints(camera, seen);
    drawn = view;
    return layer;
  };

  const drawPoints = (camera, seen) => {
    const pen = layer.getContext("2d");
    Object.assign(layer, { width: canvas.width, height: canvas.height }); // which clears it
    pen.scale(ratio(), ratio());
    const groups = Array.from({ length: MARKS }, () => []);
    for (const i of seen.slice(0, SPECKS)) groups[map.cluster[i] % MARKS].push(i);
    const size = seen.length > MANY ? 1 : seen.length > MANY / 8 ? 2.5 : 4;
    for (const [mark, members] of groups.entries()) {
      pen.fillStyle = inks.marks[mark];
      if (size <= 1) {
        for (const i of members) pen.fillRect(camera.across(map.x[i]), camera.down(map.y[i]), 2, 2);
        continue;
      }
      pen.beginPath();
      for (const i of members) {
        outline(pen, mark, camera.across(map.x[i]), camera.down(map.y[i]), size);
      }
      pen.fill();
    }
  };

  const widthOf = (text) => {
    const key = pen.font + text;
    if (!widths.has(key)) widths.set(key, pen.measureText(text).width);
    return widths.get(key);
  };

  const write = (text, x, y) => {
    pen.strokeText(text, x, y);
    pen.fillText(text, x, y);
  };

  // Writes a text with its middle at a place unless it would cover what is taken or leave the view.
  const tryToWrite = (text, x, y, taken, camera, height) => {
    const half = widthOf(text) / 2 + 3;
    const box = [x - half, y - height / 2, x + half, y + height / 2];
    if (box[0] < 0 || box[1] < 0 || box[2] > camera.width || box[3] > camera.height) return false;
    if (taken.some((other) => overlap(box, other))) return false;
    taken.push(box);
    write(text, x, y);
    return true;
  };

  const drawNames = (camera, seen, picked) => {
    const buttons = document.dir === "rtl" ? 0 : camera.width - 60;
    const taken = [[buttons, 0, buttons + 60, 140]];
    pen.textAlign = "center";
    pen.textBaseline = "middle";
    pen.lineJoin = "round";
    pen.lineWidth = 4;
    pen.strokeStyle = inks.paper;
    pen.fillStyle = inks.ink;
    if (picked >= 0) drawPicked(camera, picked, taken);
    pen.font = `600 14px ${inks.family}`;
    const closer = camera.scale / camera.whole;
    for (const [i, { words, x, y }] of map.clusters.entries()) {
      if (closer > 6) break;
      const at = [camera.across(x), camera.down(y), taken, camera, 20];
      tryToWrite(`${i + 1} ${words.slice(0, 2).join(" · ")}`, ...at) || tryToWrite(i + 1, ...at);
    }
    pen.font = `13px ${inks.family}`;
    let left = Math.min(NAMES, FIRST / map.count + 20 * (closer ** 2 - 1));
    let tries = NAMES * 10;
    for (const i of seen) {
      if (left < 1 || tries-- < 1) break;
      const y = camera.down(map.y[i]) - 12;
      if (tryToWrite(map.name[i], camera.across(map.x[i]), y, taken, camera, 17)) left--;
    }
  };

  const drawPicked = (camera, picked, taken) => {
    const [x, y] = [camera.across(map.x[picked]), camera.down(map.y[picked])];
    pen.beginPath();
    pen.arc(x, y, 9, 0, 7);
    pen.lineWidth = 3;
    pen.strokeStyle = inks.ink;
    pen.stroke();
    pen.lineWidth = 4;
    pen.strokeStyle = inks.paper;
    pen.font = `600 15px ${inks.family}`;
    const half = widthOf(map.name[picked]) / 2 + 4;
    const across = Math.min(Math.max(x, half), Math.max(camera.width - half, half));
    const down = y > 30 ? y - 20 : y + 22;
    taken.push([across - half, down - 11, across + half, down + 11], [x - 11, y - 11, x + 11, y + 11]);
    write(map.name[picked], across, down);
  };

  return {
    forgetInks: () => ([inks, drawn] = [null, ""]),
    paint(camera, picked) {
      inks ??= readInks();
      const seen = visible(camera);
      pen.setTransform(1, 0, 0, 1, 0, 0);
      pen.clearRect(0, 0, canvas.width, canvas.height);
      pen.drawImage(pointsFrom(camera, seen), 0, 0);
      pen.scale(ratio(), ratio());
      drawNames(camera, seen, picked);
    },
  };
}

function overlap(one, other) {
  return one[0] < other[2] && other[0] < one[2] && one[1] < other[3] && other[1] < one[3];
}

// The marks of the drawing without scripts: disc, square, triangle, diamond, plus, cross.
function outline(pen, mark, x, y, s) {
  if (mark === 0) {
    pen.moveTo(x + s, y);
    return pen.arc(x, y, s, 0, 7);
  }
  if (mark === 1) return pen.rect(x - 0.9 * s, y - 0.9 * s, 1.8 * s, 1.8 * s);
  if (mark === 4 || mark === 5) return bars(pen, x, y, s, mark === 5);
  const corners = mark === 2 ? [0, -1.2, 1.2, 0.9, -1.2, 0.9] : [0, -1.3, 1.3, 0, 0, 1.3, -1.3, 0];
  for (let i = 0; i < corners.length; i += 2) {
    pen[i ? "lineTo" : "moveTo"](x + s * corners[i], y + s * corners[i + 1]);
  }
  pen.closePath();
}

function bars(pen, x, y, s, slanted) {
  const turn = slanted ? Math.PI / 4 : 0;
  for (const angle of [turn, turn + Math.PI / 2]) {
    const [cos, sin] = [Math.cos(angle) * s, Math.sin(angle) * s];
    const corners = [[1.3, 0.4], [-1.3, 0.4], [-1.3, -0.4], [1.3, -0.4]];
    for (const [i, [a, b]] of corners.entries()) {
      pen[i ? "lineTo" : "moveTo"](x + a * cos - b * sin, y + a * sin + b * cos);
    }
    pen.closePath();
  }
}
