// The plot of single samples. All that it writes is text, never markup.
const SVG = "http://www.w3.org/2000/svg";
const COLOURS = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#F0E442", "#767676"];
const KINDS = { up: "up", down: "down" };

function draw(parent, name, attributes, text) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  if (text !== undefined) element.textContent = text;
  parent.append(element);
  return element;
}

function shown(value) {
  return Number(value.toPrecision(4)).toString().replace("-", "\u2212");
}

function ticks(low, high, most) {
  const rough = (high - low) / most;
  const unit = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((n) => n * unit).find((size) => size >= rough);
  const found = [];
  for (let n = Math.ceil(low / step); n * step <= high; n += 1) found.push(Number((n * step).toPrecision(10)));
  return found;
}

// Marks what has no partner in another arm, which comparisons leave out, unless nothing has one.
// Stroma grown alone for both lines, in the arms `apart`, has its partners in both.
function markAlone(points, data) {
  const arms = new Map();
  for (const p of points) arms.set(p.pair, (arms.get(p.pair) || new Set()).add(p.arm));
  const lone = (p) => !data.apart.includes(p.arm) && (p.pair < 0 || arms.get(p.pair).size < 2);
  const paired = new Set(points.filter((p) => !lone(p)).map((p) => data.stratum[p.i]));
  for (const p of points) p.alone = lone(p) && data.leaves_out && paired.has(data.stratum[p.i]);
}

function counts(points, arm) {
  const own = points.filter((p) => p.arm === arm);
  const alone = own.filter((p) => p.alone).length;
  return [`n = ${own.length - alone}`, ...(alone ? [`+${alone} unpaired`] : [])];
}

function means(points, arms) {
  return arms.map((_, arm) => {
    const own = points.filter((p) => p.arm === arm && !p.alone).map((p) => p.score);
    return own.length ? own.reduce((a, b) => a + b, 0) / own.length : null;
  });
}

function label(point, data) {
  const pair = point.pair < 0 ? "" : `, ${point.alone ? "unpaired" : "pair"} ${data.pairs[point.pair]}`;
  return `${data.samples[point.i]}: ${shown(point.score)} (${data.arms[point.arm]}${pair})`;
}

const ruler = document.createElement("canvas").getContext("2d");

function widthOf(text) {
  ruler.font = `12px ${getComputedStyle(document.body).fontFamily}`;
  return ruler.measureText(text).width;
}

// Lines of a text that fit into some pixels: broken after signs and blanks, and where that is not enough, anywhere.
function broken(text, room) {
  const lines = [""];
  for (const piece of text.match(/[^\s:|,+_/-]+[\s:|,+_/-]*|[\s:|,+_/-]+/g) || []) {
    if (lines.at(-1) && widthOf((lines.at(-1) + piece).trimEnd()) > room) lines.push("");
    for (const sign of widthOf(piece.trimEnd()) > room ? piece : [piece]) {
      if (lines.at(-1) && widthOf((lines.at(-1) + sign).trimEnd()) > room) lines.push("");
      lines[lines.length - 1] += sign;
    }
  }
  return lines.map((line) => line.trim());
}

// Where an arm and a score lie: arms from left to right, or from top to bottom where there is little room.
function layout(data, points, width) {
  const words = Math.max(...data.arms.flatMap((arm) => arm.split(/[:,|]\s*/)).map(widthOf));
  const flat = (width - 70) / data.arms.length < Math.max(48, words + 6);
  const names = data.arms.map((arm) => (flat ? broken(arm, width * 0.42 - 14) : arm.split(/[:,|]\s*/)));
  const name = `${data.now.method} score of ${data.now.signature}`;
  const title = flat ? broken(name, width - 20) : [name];
  const scores = points.map((p) => p.score);
  const low = Math.min(...scores);
  const high = Math.max(...scores);
  const pad = (high - low || Math.abs(high) || 1) * 0.08;
  const told = names.map((own, arm) => [...own, ...counts(points, arm)]);
  const lines = Math.max(...told.map((own) => own.length));
  const edge = flat ? 14 + Math.max(widthOf("n = 00"), ...told.flat().map(widthOf)) : 62;
  const foot = flat ? 29 + 15 * title.length : 15 + 15 * lines;
  const height = flat ? (14 * lines + 12) * data.arms.length + foot + 16 : 380;
  const span = flat ? [edge, width - 14] : [height - foot, 12];
  const room = flat ? [8, height - foot] : [edge, width - 8];
  const at = (score) => span[0] + ((score - low + pad) / (high - low + 2 * pad)) * (span[1] - span[0]);
  const of = (arm) => room[0] + ((arm + 0.5) / data.arms.length) * (room[1] - room[0]);
  const xy = (arm, score) => (flat ? [at(score), of(arm)] : [of(arm), at(score)]);
  return { flat, low: low - pad, high: high + pad, edge, height, foot, span, room, told, title, at, of, xy };
}

// Where each point is drawn: those without a partner aside of the others, so that none hides another.
function placed(points, where, radius) {
  const steps = [-1, 1, -2, 2, -3, 3];
  const along = (at) => (where.flat ? at[0] : at[1]);
  const spots = points.map((p) => where.xy(p.arm, p.score));
  const taken = new Map();
  points.forEach((p, k) => {
    if (p.alone) return;
    taken.set(p.arm, [...(taken.get(p.arm) || []), [0, along(spots[k])]]);
  });
  points.forEach((p, k) => {
    if (!p.alone) return;
    const others = taken.get(p.arm) || [];
    const free = (step) => others.every(([at, x]) => Math.hypot((at - step) * 2.2 * radius, x - along(spots[k])) >= 2 * radius);
    const step = steps.find(free) ?? -4;
    taken.set(p.arm, [...others, [step, along(spots[k])]]);
    spots[k][where.flat ? 1 : 0] += step * 2.2 * radius;
  });
  return spots;
}

function drawAxes(svg, data, where, width) {
  for (const value of ticks(where.low, where.high, where.flat ? 4 : 6)) {
    const at = where.at(value);
    const [x1, x2, y1, y2] = where.flat ? [at, at, ...where.room] : [...where.room, at, at];
    draw(svg, "line", { x1, x2, y1, y2, class: "rule" });
    const place = where.flat
      ? { x: at, y: where.height - where.foot + 18, "text-anchor": "middle" }
      : { x: where.edge - 8, y: at + 4, "text-anchor": "end" };
    draw(svg, "text", place, String(value).replace("-", "\u2212"));
  }
  data.arms.forEach((_, i) => {
    where.told[i].forEach((line, k) => {
      const place = where.flat
        ? { x: where.edge - 10, y: where.of(i) + 4 + 14 * (k - (where.told[i].length - 1) / 2), "text-anchor": "end" }
        : { x: where.of(i), y: where.height - where.foot + 18 + 15 * k, "text-anchor": "middle" };
      draw(svg, "text", place, line);
    });
  });
  const middle = (where.span[0] + where.span[1]) / 2;
  const turned = { transform: `translate(13 ${middle}) rotate(-90)`, "text-anchor": "middle" };
  if (!where.flat) draw(svg, "text", turned, where.title[0]);
  else where.title.forEach((line, k) => {
    const y = where.height - 6 - 15 * (where.title.length - 1 - k);
    draw(svg, "text", { x: width - 14, y, "text-anchor": "end" }, line);
  });
}

function drawLines(svg, points, spots) {
  const series = new Map();
  points.forEach((point, k) => {
    if (point.pair < 0) return;
    if (!series.has(point.pair)) series.set(point.pair, []);
    series.get(point.pair).push({ arm: point.arm, spot: spots[k] });
  });
  for (const [pair, own] of series) {
    const sorted = [...own].sort((a, b) => a.arm - b.arm);
    const path = sorted.map((p) => p.spot.map((v) => v.toFixed(1)).join(",")).join(" ");
    if (own.length > 1) draw(svg, "polyline", { points: path, class: "pair", "data-pair": pair });
  }
}

function drawMeans(svg, data, points, where) {
  const half = Math.min(26, ((where.room[1] - where.room[0]) / data.arms.length) * 0.3);
  means(points, data.arms).forEach((mean, arm) => {
    if (mean === null) return;
    const [x, y] = where.xy(arm, mean);
    const ends = where.flat ? { x1: x, x2: x, y1: y - half / 1.6, y2: y + half / 1.6 } : { x1: x - half, x2: x + half, y1: y, y2: y };
    draw(svg, "line", { ...ends, class: "mean" });
  });
}

function drawPoints(svg, data, points, spots, radius, tell) {
  const drawn = points.map((point, k) => {
    const [cx, cy] = spots[k];
    const colour = COLOURS[point.arm % COLOURS.length];
    const dot = draw(svg, "circle", {
      cx, cy, r: radius, fill: colour, class: point.alone ? "dot alone" : "dot", role: "img",
      tabindex: k === 0 ? 0 : -1, "aria-label": label(point, data), "data-pair": point.pair,
    });
    if (point.alone) dot.style.stroke = colour;
    for (const kind of ["pointerenter", "focus", "click"]) dot.addEventListener(kind, () => tell(point, dot));
    return dot;
  });
  svg.addEventListener("keydown", (event) => {
    const at = drawn.indexOf(event.target);
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (at < 0 || !step) return;
    event.preventDefault();
    const next = drawn[(at + step + drawn.length) % drawn.length];
    drawn[at].setAttribute("tabindex", -1);
    next.setAttribute("tabindex", 0);
    next.focus();
  });
}

function fillTable(box, data, points) {
  const table = document.createElement("table");
  const rowOf = (cells, kind, scopes) => {
    const row = document.createElement("tr");
    cells.forEach((text, i) => {
      const cell = document.createElement(i === 0 || kind === "th" ? "th" : "td");
      if (cell.tagName === "TH") cell.scope = scopes;
      if (i === cells.length - 1) cell.className = "n";
      cell.textContent = text;
      row.append(cell);
    });
    return row;
  };
  const caption = table.createCaption();
  caption.textContent = `${data.now.method} score of ${data.now.signature}`;
  table.createTHead().append(rowOf(["sample", "arm", "pair", "score"], "th", "col"));
  const body = table.createTBody();
  for (const p of points) {
    const pair = p.pair < 0 ? "" : data.pairs[p.pair] + (p.alone ? " (unpaired)" : "");
    body.append(rowOf([data.samples[p.i], data.arms[p.arm], pair, shown(p.score)], "td", "row"));
  }
  box.replaceChildren(table);
  sortable(table);
}

function fillFound(box, data) {
  const lines = (data.found[data.now.method] || {})[data.now.signature] || [];
  const [first, rest] = [false, true].map((aside) => lines.filter((line) => line[4] === aside));
  fillList(box.querySelector(".first"), first.length ? first : rest);
  fillList(box.querySelector(".rest"), first.length ? rest : []);
  box.querySelector("details").hidden = !(first.length && rest.length);
}

function fillList(list, lines) {
  list.replaceChildren(...lines.map(([contrast, claim, kind, address]) => {
    const item = document.createElement("li");
    const link = document.createElement("a");
    const text = document.createElement("span");
    item.className = KINDS[kind] || "open";
    link.href = `#${address}`;
    link.textContent = contrast;
    text.textContent = `: ${claim}`;
    item.append(link, text);
    return item;
  }));
}

function explorer(box) {
  const data = JSON.parse(box.querySelector("script").textContent);
  const [signature, method] = ["signature", "method"].map((name) => box.querySelector(`select[name=${name}]`));
  const plot = box.querySelector(".plot");
  const said = box.querySelector("figcaption");
  data.now = { signature: data.first[0], method: data.first[1] };

  function options(select, names, chosen, group = () => "") {
    const groups = new Map();
    for (const name of names) {
      const option = new Option(name, name, false, name === chosen);
      const head = group(name);
      if (!groups.has(head)) {
        const set = head ? document.createElement("optgroup") : document.createDocumentFragment();
        if (head) set.label = head;
        groups.set(head, set);
      }
      groups.get(head).append(option);
    }
    select.replaceChildren(...groups.values());
  }

  function tell(point, dot) {
    said.textContent = label(point, data);
    for (const element of plot.querySelectorAll("[data-pair]")) {
      const same = point.pair >= 0 && element.dataset.pair === String(point.pair);
      element.classList.toggle("same", same);
      element.classList.toggle("here", element === dot);
    }
  }

  function render() {
    const scores = data.scores[data.now.method][data.now.signature] || [];
    const points = data.samples
      .map((_, i) => ({ i, arm: data.arm[i], pair: data.pair[i], score: scores[i] }))
      .filter((p) => typeof p.score === "number");
    markAlone(points, data);
    plot.replaceChildren();
    if (!points.length) {
      said.textContent = `${data.now.signature} has no ${data.now.method} score: too few of its genes were measured.`;
    } else {
      const width = Math.max(280, plot.clientWidth || 640);
      const where = layout(data, points, width);
      const svg = draw(plot, "svg", { width, height: where.height, viewBox: `0 0 ${width} ${where.height}`, role: "group" });
      const told = means(points, data.arms).map((mean, i) => (mean === null ? "" : `${data.arms[i]} ${shown(mean)}`));
      svg.setAttribute("aria-label", `${data.now.method} score of ${data.now.signature}, ${points.length} samples; means: ${told.filter(Boolean).join(", ")}. Arrow keys move from sample to sample.`);
      const radius = points.length > 200 ? 3 : 5.5;
      const spots = placed(points, where, radius);
      drawAxes(svg, data, where, width);
      drawLines(svg, points, spots);
      drawMeans(svg, data, points, where);
      drawPoints(svg, data, points, spots, radius, tell);
      const open = points.some((p) => p.alone) ? " Open: unpaired, no part of bar and n." : "";
      said.textContent = `${points.length} samples. Point at one, or tap it.${open}`;
    }
    fillFound(box.querySelector(".found"), data);
    fillTable(box.querySelector(".numbers"), data, points);
  }

  function choose(name, by) {
    const names = Object.keys(data.scores[by] || {});
    if (!names.includes(name)) return false;
    data.now = { signature: name, method: by };
    options(signature, names, name, (id) => (id.includes(".") ? id.split(".")[0] : ""));
    options(method, Object.keys(data.scores), by);
    render();
    return true;
  }

  signature.addEventListener("change", () => choose(signature.value, method.value));
  method.addEventListener("change", () => {
    const names = Object.keys(data.scores[method.value]); // a method may have scored other signatures
    choose(names.includes(data.now.signature) ? data.now.signature : names[0], method.value);
  });
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-signature]");
    if (!link || !choose(link.dataset.signature, link.dataset.method)) return;
    event.preventDefault();
    if (location.hash === "#explore") goTo("explore");
    else location.hash = "explore";
    signature.focus({ preventScroll: true });
  });
  choose(...data.first);
  let width = plot.clientWidth;
  new ResizeObserver(() => {
    if (plot.clientWidth === width) return;
    width = plot.clientWidth;
    render();
  }).observe(plot);
}

document.querySelectorAll(".explorer").forEach(explorer);
