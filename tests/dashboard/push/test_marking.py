"""A click on an empty place of a chart is a time to mark; run by node, over a chart that is no more than it needs."""

from typing import Any

import pytest

from tests.dashboard.push.test_needs_list import run

CHART = """
const chosen = [], timers = new Map();
globalThis.setTimeout = (act) => { timers.set(timers.size, act); return timers.size - 1; };
globalThis.clearTimeout = (timer) => timers.delete(timer);
globalThis.document = { querySelector: () => ({}) };
const plot = { getBoundingClientRect: () => ({ left: 100 }) };
const chart = {
  on() {}, layout: { meta: { zone: "America/Chicago" } }, querySelector: () => plot,
  _fullLayout: { xaxis: { p2d: (x) => `at ${x}` } },
  closest: () => ({ className: "st-key-chart_trend_0" }),
};
const target = { closest: (css) => (css === ".js-plotly-plot" ? chart : plot) };
chooseMoment = (moment) => chosen.push(moment);
const click = (detail, pointerType = "mouse") => {
  hear({ target, isPrimary: true, button: 0, pointerType, clientX: 150, clientY: 9 });
  onEmptyPlace({ target, detail, clientX: 150, clientY: 9 });
};
const wait = () => { for (const [timer, act] of timers) timers.delete(timer), act(); };
"""


@pytest.mark.parametrize(
    ("clicks", "chosen"),
    [
        pytest.param("click(1); wait(); click(1); wait();", 2, id="each click that is one"),
        pytest.param("click(1); click(2); wait();", 0, id="a double click shows the whole chart again"),
        pytest.param('click(1, "touch"); wait();', 0, id="a finger that misses a mark"),
        pytest.param('click(1, "pen"); wait();', 1, id="a pen"),
    ],
)
def test_a_single_click_of_a_mouse_marks_a_time(clicks: str, chosen: int) -> None:
    moment = {"at": "at 50", "zone": "America/Chicago", "chart": "trend"}
    marked: list[dict[str, Any]] = run("zoom.js", f"{CHART}{clicks} console.log(JSON.stringify(chosen));")
    assert marked == [moment] * chosen
