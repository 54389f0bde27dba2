"""What the panel in the corner says of the feed."""

from datetime import UTC, datetime

from jorge_data.dashboard.push.diagnostics import facts
from jorge_data.dashboard.push.latency import Latency
from jorge_data.events import Cursor
from jorge_data.feed import FeedStatus


def test_it_says_what_its_figures_are_and_a_position_is_an_id() -> None:
    latency = Latency()
    for ms in (82.0, 82.0, 94.0):
        latency.add("bot_screen", ms)
    status = FeedStatus("austin", "connected", datetime.now(UTC), "", Cursor("ed3e0199", 65_194), gaps=1)
    said = {fact.label: fact.value for fact in facts(status, latency, 14, 0.5)}
    assert said["Bot → screen"] == "half in 82 ms, 95 of 100 in 94 ms"
    assert said["Position"] == "ed3e:65194"
    assert said["Socket"].endswith("1 gap")
