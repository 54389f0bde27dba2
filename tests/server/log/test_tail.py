"""The end of a log in memory: what it remembers, what it admits not to, and who is behind."""

import asyncio

import pytest

from jorge_data.events import Cursor
from jorge_data.server.log.follow import Resumption, resume_from
from jorge_data.server.log.tail import CHUNK, MAX_BATCH_BYTES, RING, Announcement, Tail
from jorge_data.store import Bounds
from tests.server.logs import EPOCH, KINDS, records

pytestmark = pytest.mark.anyio

WIRE = len(records(1, 1)[0].wire)


def tail_at(top: int = 0, oldest: int = 1, epoch: str = EPOCH) -> Tail:
    return Tail(Bounds("office", epoch, oldest, top))


async def learn(tail: Tail, first: int, last: int, size: int = 0, epoch: str = EPOCH) -> None:
    tail.advance(Announcement("office", epoch, last, records(first, last, size)))


async def test_records_are_served_in_chunks_that_lead_on() -> None:
    tail = tail_at()
    await learn(tail, 1, CHUNK + 10)
    first = tail.after(0, None)
    assert first is not None
    assert (len(first.records), first.position) == (CHUNK, CHUNK)
    second = tail.after(first.position, None)
    assert second is not None
    assert (second.after, second.position, len(second.records)) == (CHUNK, CHUNK + 10, 10)


@pytest.mark.parametrize("start", [0, 1, 4])
async def test_a_batch_is_bounded_in_bytes_but_never_empty(start: int) -> None:
    tail = tail_at()
    await learn(tail, 1, 8, size=MAX_BATCH_BYTES // 2)
    batch = tail.after(start, None)
    assert batch is not None
    assert [record.seq for record in batch.records] == [start + 1]
    assert batch.position == start + 1


async def test_a_filtered_batch_leads_past_what_it_leaves_out() -> None:
    tail = tail_at()
    await learn(tail, 1, 5)
    batch = tail.after(0, frozenset({KINDS[0]}))
    assert batch is not None
    assert ([r.seq for r in batch.records], batch.position) == ([2, 4], 5)


async def test_the_ring_is_trimmed_and_says_so() -> None:
    tail = tail_at()
    for first in range(1, 3 * RING, 100):
        await learn(tail, first, first + 99)
    assert tail.after(tail.top - RING, None) is not None
    assert tail.after(0, None) is None


@pytest.mark.parametrize(("first", "last"), [(5, 7), (2, 1), (3, 5)], ids=["hole", "no records", "too few"])
async def test_what_was_not_announced_is_left_to_the_store(first: int, last: int) -> None:
    tail = tail_at()
    await learn(tail, 1, 2)
    tail.advance(Announcement("office", EPOCH, 7, records(first, last)))
    assert tail.top == 7
    assert tail.after(2, None) is None


async def test_what_is_known_is_not_learnt_again() -> None:
    tail = tail_at()
    await learn(tail, 1, 5)
    await learn(tail, 3, 4)
    await learn(tail, 4, 8)
    batch = tail.after(0, None)
    assert batch is not None
    assert [r.seq for r in batch.records] == list(range(1, 9))


async def test_another_epoch_is_another_log() -> None:
    tail = tail_at()
    await learn(tail, 1, 5)
    await learn(tail, 1, 2, epoch="cafe0002")
    assert (tail.cursor, tail.lag(0)[0]) == (Cursor("cafe0002", 2), 2)


@pytest.mark.parametrize(("position", "lag"), [(10, (0, 0)), (9, (1, WIRE)), (5, (5, 5 * WIRE)), (0, (10, 5 * WIRE))])
async def test_lag_is_counted_in_events_and_in_the_bytes_known(position: int, lag: tuple[int, int]) -> None:
    tail = tail_at(5)
    await learn(tail, 6, 10)
    events, size = tail.lag(position)
    assert (events, abs(size - lag[1]) <= 10) == (lag[0], True)  # a position of two digits is a byte longer


async def test_followers_wait_until_there_is_more_or_the_log_is_another() -> None:
    tail = tail_at(5)
    waiting = asyncio.create_task(tail.grown_beyond(5, EPOCH))
    await learn(tail, 5, 5)
    await asyncio.sleep(0)
    assert not waiting.done()
    await learn(tail, 6, 6)
    await asyncio.wait_for(waiting, 1)
    removed = asyncio.create_task(tail.grown_beyond(6, EPOCH))
    tail.advance(Announcement("office", "", 0))
    await asyncio.wait_for(removed, 1)


async def test_what_comes_just_after_a_wake_up_waits_to_be_served_together() -> None:
    tail, wake_ups = tail_at(), 0

    async def follow() -> None:
        nonlocal wake_ups
        position = 0
        while position < 5:
            await tail.grown_beyond(position, EPOCH)
            position, wake_ups = tail.top, wake_ups + 1

    following = asyncio.create_task(follow())
    await asyncio.sleep(0)
    for seq in range(1, 6):
        await learn(tail, seq, seq)
        for _ in range(5):
            await asyncio.sleep(0)
    await asyncio.wait_for(following, 5)
    assert wake_ups == 2, "the first at once, the other four together"


RESUMPTIONS = [
    (None, Resumption(False, 9)),
    (Cursor(EPOCH, 9), Resumption(True, 9)),
    (Cursor(EPOCH, 2), Resumption(True, 2)),
    (Cursor(EPOCH, 1), Resumption(False, 9)),
    (Cursor(EPOCH, 10), Resumption(False, 9)),
    (Cursor("cafe0002", 5), Resumption(False, 9)),
    (Cursor("", 0), Resumption(False, 9)),
]


@pytest.mark.parametrize(("after", "resumption"), RESUMPTIONS)
async def test_a_position_is_honoured_wholly_or_not(after: Cursor | None, resumption: Resumption) -> None:
    assert resume_from(after, tail_at(9, oldest=3)) == resumption


async def test_the_position_before_the_first_event_ever_is_honoured() -> None:
    assert resume_from(Cursor("", 0), tail_at(9)) == Resumption(True, 0)
    assert resume_from(Cursor("", 1), tail_at(9)) == Resumption(False, 9)
