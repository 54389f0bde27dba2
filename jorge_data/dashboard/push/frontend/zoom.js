// A span that is dragged along a chart of time is the page's period from then on: Python gets both ends by the chart's own clock.
let choosePeriod = () => {};
const heard = new WeakSet();
const hear = ({ target }) => {
  const chart = target.closest?.(".js-plotly-plot");
  if (!chart?.on || heard.has(chart)) return;
  heard.add(chart);
  chart.on("plotly_relayout", (changed) => {
    const from = changed["xaxis.range[0]"], to = changed["xaxis.range[1]"], zone = chart.layout?.meta?.zone;
    if (zone && from && to) choosePeriod({ from: String(from), to: String(to), zone });
  });
};
