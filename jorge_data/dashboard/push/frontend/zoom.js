// A span that is dragged along a chart of time is the page's period from then on, and a click on an empty place of it is a time
// to mark: Python gets each by the chart's own clock. A finger that misses a mark marks nothing, and neither does a double
// click, by which plotly shows the whole chart again: a click is one once no second follows it.
const DOUBLE_MS = 350;
let choosePeriod = () => {}, chooseMoment = () => {}, pressedAt = null, single = null;
const heard = new WeakSet();
const hear = (event) => {
  pressedAt = null;
  clearTimeout(single);
  const chart = event.target.closest?.(".js-plotly-plot");
  if (!chart?.on) return;
  if (event.isPrimary && event.button === 0 && event.pointerType !== "touch" && event.target.closest(".nsewdrag")) pressedAt = { chart, x: event.clientX, y: event.clientY };
  if (heard.has(chart)) return;
  heard.add(chart);
  chart.on("plotly_click", () => { pressedAt = null; }); // a mark of the chart opens its own rows
  chart.on("plotly_relayout", (changed) => {
    const from = changed["xaxis.range[0]"], to = changed["xaxis.range[1]"], zone = chart.layout?.meta?.zone;
    if (zone && from && to) choosePeriod({ from: String(from), to: String(to), zone });
  });
};
const nameOf = (chart) => chart.closest('[class*="st-key-chart_"]')?.className.match(/st-key-chart_(\w+)_\d+/)?.[1];
const onEmptyPlace = (event) => {
  if (!pressedAt || event.detail > 1 || Math.abs(event.clientX - pressedAt.x) + Math.abs(event.clientY - pressedAt.y) > 4) return;
  const { chart, x } = pressedAt, zone = chart.layout?.meta?.zone, name = nameOf(chart), plot = chart.querySelector(".nsewdrag");
  pressedAt = null;
  if (!zone || !plot || !document.querySelector(`.st-key-annotate_${name}`)) return; // not for who may mark nothing
  const at = String(chart._fullLayout.xaxis.p2d(x - plot.getBoundingClientRect().left));
  single = setTimeout(() => chooseMoment({ at, zone, chart: name }), DOUBLE_MS);
};
