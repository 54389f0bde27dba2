"""The live state on the server: as of a position of this log, and of no log that was replaced."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from jorge_data.events import Candidate, Reception, admit
from jorge_data.metrics import Targets
from jorge_data.server.log.live_state import FollowedState
from jorge_data.server.log.tail import Announcement, Tail
from jorge_data.store import SQLiteStore
from tests.served import bot_status

pytestmark = pytest.mark.anyio


def candidates(count: int) -> list[Candidate]:
    return [admit(bot_status(n), Reception(datetime.now(UTC), "office")) for n in range(count)]


def open_store(path: Path) -> SQLiteStore:
    return SQLiteStore(path / "events.db")


async def test_what_was_reduced_of_a_log_that_is_gone_counts_for_nothing(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    store.append("office", candidates(5)).result(5)
    tail = Tail(store.bounds("office"))
    live_state = FollowedState(tail, store, Targets())
    await live_state.caught_up()
    assert (live_state.position, len(live_state.snapshot()["bots"])) == (5, 1)
    store.drop("office").result(5)
    store.append("office", candidates(2)).result(5)
    now = store.bounds("office")
    tail.advance(Announcement("office", now.epoch, now.top))
    assert (live_state.position, live_state.snapshot()["bots"]) == (0, {})
    await live_state.caught_up()
    assert (live_state.position, len(live_state.snapshot()["bots"])) == (2, 1)
    await live_state.close()
    store.close()


async def test_a_start_goes_on_from_the_checkpoint(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    store.append("office", candidates(5)).result(5)
    first = FollowedState(Tail(store.bounds("office")), store, Targets())
    await first.caught_up()
    await first.close()
    checkpoint = store.load("office", "live")
    assert checkpoint is not None
    assert checkpoint.cursor.seq == 5
    again = FollowedState(Tail(store.bounds("office")), store, Targets())
    await again.caught_up()
    assert again.encode(contacts=True) == first.encode(contacts=True)
    await again.close()
    store.close()
