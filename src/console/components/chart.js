// A plot over time: stacked bars, lines above them, an axis with ticks, and, where the view asks for it, a brush that selects a span.
import { h, replace, svg } from "../dom.js";
import { number, time } from "../i18n.js";

const AXIS_PX = 20; // below the bars, for the ticks
const TOP_PX = 14; // above them, for the largest value
const BAR_GAP = 1;
const TICK_PX = 110; // the least distance of two ticks
const NICE_MS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 21600, 43200, 86400].map((s) => s * 1000);
const CLICK_PX = 4; // a shorter drag is a click

// bucketsOf(rows, {from, to, n, seriesOf, count}) -> [{from, to, values, us}]: how many rows of each series fall in each part of the
// span, and their durations in order. Rows are sorted by `ms`.
export function bucketsOf(rows, { from, to, n, seriesOf, count }) {
  const width = (to - from) / n;
  const buckets = Array.from({ length: n }, (_, i) => ({ from: from + i * width, to: from + (i + 1) * width, values: Array(count).fill(0), us: [] }));
  for (let i = rows.length - 1; i >= 0 && rows[i].ms >= from; i -= 1) {
    if (rows[i].ms >= to) continue;
    const bucket = buckets[Math.min(n - 1, Math.floor((rows[i].ms - from) / width))];
    bucket.values[seriesOf(rows[i])] += 1;
    bucket.us.push(rows[i].us);
  }
  for (const bucket of buckets) bucket.us.sort((a, b) => a - b);
  return buckets;
}

// The value below which that share of the sorted values lies; null without values.
export function percentile(sorted, share) {
  return sorted.length ? sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] : null;
}

function total(bucket) {
  return bucket.values.reduce((sum, each) => sum + each, 0);
}

// The times of the ticks of an axis that is so many pixels wide.
export function ticksOf(from, to, px) {
  const step = NICE_MS.find((each) => (px * each) / (to - from) >= TICK_PX) ?? NICE_MS.at(-1);
  const ticks = [];
  for (let at = Math.ceil(from / step) * step; at < to; at += step) ticks.push(at);
  return ticks;
}

function bars(buckets, { width, height, most, series }) {
  const step = width / buckets.length;
  return buckets.flatMap((bucket, i) => {
    let bottom = height;
    return bucket.values.map((value, j) => {
      if (!value) return null;
      const tall = Math.max(1, (value / most) * height);
      bottom -= tall;
      return svg("rect", { x: i * step + BAR_GAP / 2, y: TOP_PX + bottom, width: Math.max(1, step - BAR_GAP), height: tall, class: `plot-${series[j].name}` });
    });
  });
}

// A line through the buckets that have a value; parts without a value interrupt it.
function path(values, { width, height, most }) {
  let pen = "M";
  return values.map((value, i) => {
    if (value === null) {
      pen = "M";
      return "";
    }
    const at = `${pen}${((i + 0.5) / values.length) * width},${TOP_PX + height - (value / most) * height}`;
    pen = "L";
    return at;
  }).join("");
}

function lines(buckets, list, size) {
  const values = list.map((line) => buckets.map(line.value));
  const most = Math.max(1, ...values.flat().filter((each) => each !== null));
  return list.map((line, i) => svg("path", { class: `plot-line ${line.name}`, d: path(values[i], { ...size, most }) }));
}

function axis(ticks, { from, to, width, bottom }) {
  return ticks.map((at) => {
    const x = ((at - from) / (to - from)) * width;
    return [svg("line", { class: "plot-tick", x1: x, x2: x, y1: bottom, y2: bottom + 4 }), svg("text", { class: "plot-label", x: x + 3, y: bottom + 15 }, time(at))];
  });
}

// chart({label, series: [{name, title}], lines: [{name, title, value(bucket)}], height, onBrush(from, to)}) -> element with
// show(buckets, summary). `summary` says the same in words. onBrush(null) when the user clicks without dragging.
export function chart({ label, series, lines: lineList = [], height = 96, onBrush = null }) {
  const canvas = svg("svg", { class: "plot", role: "img", height: height + TOP_PX + AXIS_PX });
  const legend = h("ul", { class: "legend row small-text" }, [...series, ...lineList].map(({ name, title }) =>
    h("li", {}, h("span", { class: `swatch plot-${name}`, "aria-hidden": "true" }), title)));
  const brush = svg("rect", { class: "plot-brush", y: TOP_PX, height, width: 0 });
  let shown = [];

  function draw() {
    if (!shown.length) return;
    const width = canvas.clientWidth || 600;
    const [from, to] = [shown[0].from, shown.at(-1).to];
    const most = Math.max(1, ...shown.map(total));
    replace(canvas, svg("text", { class: "plot-label", x: 0, y: 10 }, number(most)), svg("line", { class: "plot-tick", x1: 0, x2: width, y1: TOP_PX + height, y2: TOP_PX + height }),
      bars(shown, { width, height, most, series }), lines(shown, lineList, { width, height }), axis(ticksOf(from, to, width), { from, to, width, bottom: TOP_PX + height }), brush);
  }

  const timeAt = (x) => shown[0].from + (x / canvas.clientWidth) * (shown.at(-1).to - shown[0].from);
  if (onBrush) brushing(canvas, brush, (a, b) => (b - a < CLICK_PX ? onBrush(null) : onBrush(timeAt(a), timeAt(b))));
  const element = h("figure", { class: "chart" }, h("figcaption", { class: "row" }, h("span", { class: "strong grow" }, label), legend), canvas);
  element.show = (buckets, summary) => {
    shown = buckets;
    canvas.setAttribute("aria-label", `${label}: ${summary}`);
    draw();
  };
  new ResizeObserver(draw).observe(canvas);
  return element;
}

// Dragging over the plot draws the brush; done(left, right) in pixels.
function brushing(canvas, brush, done) {
  let start = null;
  const at = (event) => Math.min(canvas.clientWidth, Math.max(0, event.clientX - canvas.getBoundingClientRect().left));
  const span = (event) => [Math.min(start, at(event)), Math.max(start, at(event))];
  canvas.classList.add("brushable");
  canvas.addEventListener("pointerdown", (event) => {
    start = at(event);
    canvas.setPointerCapture(event.pointerId);
  });
  canvas.addEventListener("pointermove", (event) => {
    if (start === null) return;
    const [left, right] = span(event);
    brush.setAttribute("x", left);
    brush.setAttribute("width", right - left);
  });
  canvas.addEventListener("pointerup", (event) => {
    if (start === null) return;
    const [left, right] = span(event);
    start = null;
    brush.setAttribute("width", 0);
    done(left, right);
  });
}
