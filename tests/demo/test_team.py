"""What the people of the office did about what needed them."""

from collections import Counter
from contextlib import closing
from datetime import UTC
from pathlib import Path

import pytest

from jorge_data.demo.story import DAY
from jorge_data.events import Reception, admit
from jorge_data.events.envelope import DEMO
from jorge_data.events.timestamps import micros
from jorge_data.metrics.targets import Targets
from jorge_data.metrics.wall.view import Needs
from jorge_data.store import SQLiteStore
from tests.demo.conftest import CALENDAR, timeline
from tests.wall import fold, read_figures


def left_open(seed: int, folder: Path) -> Needs:
    """Return the open items at the end of the live day's first hour."""
    now = CALENDAR.now.astimezone(UTC)
    told = [{**event, "time": CALENDAR.at(offset).isoformat()} for offset, event in timeline(seed)]
    with closing(SQLiteStore(folder / "events.db")) as store:
        for start in range(0, len(told), 500):
            some = [admit({**event, "locationid": DEMO}, Reception(now)) for event in told[start : start + 500]]
            store.append(DEMO, some).result(30)
        fold(store, DEMO, Targets())
        with store.view(DEMO) as view:
            needs: Needs = read_figures(view, Targets(), now)["needs"]
    return needs


@pytest.mark.parametrize("seed", [7, 8])
def test_only_a_few_items_are_left_open_and_all_are_of_the_last_day(seed: int, tmp_path: Path) -> None:
    needs, now = left_open(seed, tmp_path), micros(CALENDAR.now)
    assert 1 <= needs["count"] <= 12, Counter(one["item"].partition(":")[0] for one in needs["items"])
    assert len(needs["items"]) == needs["count"]
    assert all(now - one["since_ms"] * 1000 <= DAY * 1e6 for one in needs["items"])
