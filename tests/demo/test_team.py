"""What the people of the office did about what needed them."""

from collections import Counter
from contextlib import closing
from datetime import UTC

import pytest

from jorge_data.demo.story import DAY
from jorge_data.events import Reception, admit
from jorge_data.events.timestamps import micros
from jorge_data.metrics.wall.view import Needs
from jorge_data.store import SQLiteStore
from tests.demo.conftest import CALENDAR, timeline
from tests.server.figures.followed_location import Folded


@pytest.fixture(scope="module", params=[7, 8])
def left_open(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Needs:
    """Return the open items of a seed at the end of the live day's first hour."""
    now = CALENDAR.now.astimezone(UTC)
    events = [
        admit({**event, "time": CALENDAR.at(offset).isoformat()}, Reception(now)).event
        for offset, event in timeline(request.param)
    ]
    with closing(SQLiteStore(tmp_path_factory.mktemp("office") / "events.db")) as store:
        folded = Folded(store)
        for start in range(0, len(events), 5_000):
            folded.append(events[start : start + 5_000])
            folded.fold()
        needs: Needs = folded.read(now).sections["needs"]
    return needs


def test_a_handful_of_items_waits_and_most_are_of_today(left_open: Needs) -> None:
    now_ms = micros(CALENDAR.now) // 1000
    items = [need["item"].partition(":")[0] for need in left_open["items"]]
    assert 5 <= left_open["count"] <= 20, Counter(items)
    days = sorted((now_ms - need["since_ms"]) / DAY / 1e3 for need in left_open["items"])
    assert days[len(days) // 2] < 1
    assert [ago for ago in days if ago > 4] == [pytest.approx(31, abs=0.1)]


def test_one_of_each_sort_waits_when_somebody_begins_to_watch(left_open: Needs) -> None:
    items = Counter(need["item"].partition(":")[0] for need in left_open["items"])
    assert {"hot", "callback", "stall", "optout", "send"} <= items.keys()
    assert items["optout"] == 1
