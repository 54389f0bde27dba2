"""What the people of the office did about what needed them."""

from collections import Counter
from datetime import UTC

import pytest

from jorge_data.demo.story import DAY
from jorge_data.events import Reception, admit
from jorge_data.events.timestamps import micros
from jorge_data.metrics.targets import Targets
from jorge_data.metrics.wall.needs import OpenItem, open_items
from jorge_data.metrics.wall.state import LiveState
from tests.demo.conftest import CALENDAR, timeline


def left_open(seed: int) -> list[OpenItem]:
    """Return the open items at the end of the live day's first hour."""
    state, now = LiveState(Targets()), CALENDAR.now.astimezone(UTC)
    for number, (offset, event) in enumerate(timeline(seed), start=1):
        admitted = admit({**event, "time": CALENDAR.at(offset).isoformat()}, Reception(now)).event
        state.apply(admitted._replace(seq=number, epoch="one"))
    return open_items(state, micros(now))


@pytest.mark.parametrize("seed", [7, 8])
def test_only_a_few_items_are_left_open_and_all_are_of_the_last_day(seed: int) -> None:
    items, now = left_open(seed), micros(CALENDAR.now)
    assert 1 <= len(items) <= 12, Counter(one.kind for one in items)
    assert all(now - one.since <= DAY * 1e6 for one in items)
