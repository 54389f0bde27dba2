"""What the people of the office did about what needed them."""

from collections import Counter
from contextlib import closing
from datetime import UTC
from pathlib import Path

import pytest

from jorge_data.demo.story import DAY
from jorge_data.events import Reception, admit
from jorge_data.events.timestamps import micros
from jorge_data.metrics.wall.view import Needs
from jorge_data.store import SQLiteStore
from tests.demo.conftest import CALENDAR, timeline
from tests.server.figures.followed_location import Folded


def left_open(folder: Path, seed: int) -> Needs:
    """Return the open items at the end of the live day's first hour."""
    now = CALENDAR.now.astimezone(UTC)
    events = [
        admit({**event, "time": CALENDAR.at(offset).isoformat()}, Reception(now)).event
        for offset, event in timeline(seed)
    ]
    with closing(SQLiteStore(folder / "events.db")) as store:
        folded = Folded(store)
        for start in range(0, len(events), 5_000):
            folded.append(events[start : start + 5_000])
            folded.fold()
        needs: Needs = folded.read(now).sections["needs"]
    return needs


@pytest.mark.parametrize("seed", [7, 8])
def test_only_a_few_items_are_left_open_and_all_are_of_the_last_day(tmp_path: Path, seed: int) -> None:
    needs, now_ms = left_open(tmp_path, seed), micros(CALENDAR.now) // 1000
    assert 1 <= needs["count"] <= 12, Counter(need["item"].partition(":")[0] for need in needs["items"])
    assert all(now_ms - need["since_ms"] <= DAY * 1e3 for need in needs["items"])
    # The bot confirms each STOP, once: that is no message after opting out.
    assert [need["item"] for need in needs["items"] if need["item"].startswith("optout:")] == []
