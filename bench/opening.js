// In the page, before its own scripts: at which frame are the tiles there, and when are the charts drawn?
const roots = [document], attach = Element.prototype.attachShadow;
Element.prototype.attachShadow = function (options) { // a closed root is seen as well: what is in it is on the screen
  const root = attach.call(this, options);
  roots.push(root);
  return root;
};
window.__opening = {
  everywhere: (css) => roots.flatMap((root) => [...root.querySelectorAll(css)]),
  isShown: (node) => node.isConnected && !node.closest('[data-stale="true"]') && node.getBoundingClientRect().height > 0
    && node.checkVisibility({ opacityProperty: true, visibilityProperty: true }),
  // A tile has a label and a value, each on a line of its own.
  tiles(css) {
    const lined = this.everywhere(css).filter(this.isShown).map((node) => [node, node.innerText.split("\n").map((line) => line.trim()).filter(Boolean)]);
    return lined.filter(([, lines]) => lines.length > 1).map(([node, [label]]) => [node, label]);
  },
  charts() { return [...document.querySelectorAll(".js-plotly-plot")].filter((plot) => plot.calcdata && plot.querySelector(".main-svg") && this.isShown(plot)); },
  // From now on, or from the click on a link: tiles that were not there before, and charts drawn anew.
  watch({ tile, tiles, charts, link }) {
    const labels = new Map(link ? this.tiles(tile) : []), before = new Map((link ? this.charts() : []).map((plot) => [plot, plot.calcdata]));
    const found = (this.found = { first: null, tiles: null, charts: charts ? null : 0 }), began = link ? performance.now() : 0;
    const look = () => {
      const now = performance.now() - began;
      if (found.tiles === null) {
        const shown = this.tiles(tile).filter(([node, label]) => labels.get(node) !== label).length;
        if (shown) found.first ??= now;
        if (shown >= tiles) found.tiles = now;
      }
      if (found.charts === null && this.charts().filter((plot) => before.get(plot) !== plot.calcdata).length >= charts) found.charts = now;
      if (found.tiles === null || found.charts === null) requestAnimationFrame(look);
    };
    if (link) document.querySelector(link).click();
    requestAnimationFrame(look);
  },
};
