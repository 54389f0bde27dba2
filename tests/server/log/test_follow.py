"""Following: whatever is announced, trimmed, replayed or left out, every record comes once and in order."""

import asyncio
from typing import cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jorge_data.events import Cursor, Record
from jorge_data.server.log.follow import LogReplaced, follow
from jorge_data.server.log.tail import MAX_BATCH_BYTES, RING, Announcement, Tail, Types
from jorge_data.store import Bounds, Store
from tests.server.logs import EPOCH, KINDS, MemoryStore, records

pytestmark = pytest.mark.anyio

Step = tuple[str, int]
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("commit"), st.integers(1, 700)),
        st.tuples(st.just("commit without records"), st.integers(1, 50)),
        st.tuples(st.just("commit unannounced"), st.integers(1, 50)),
        st.tuples(st.just("announce late"), st.integers(0, 3)),
        st.tuples(st.just("run"), st.integers(1, 6)),
    ),
    max_size=25,
)


class Scene:
    """One log, one follower from a position on, and a scripted run of what happens between them."""

    def __init__(self, stored: int, position: int, types: Types) -> None:
        self.store = MemoryStore(*records(1, stored))
        self.tail = Tail(Bounds("office", EPOCH, 1, stored))
        self.received: list[Record] = []
        self.past: list[Announcement] = []
        self.position = position
        self.task = asyncio.create_task(self._follow(position, types))

    async def _follow(self, position: int, types: Types) -> None:
        async for batch in follow(self.tail, cast(Store, self.store), Cursor(EPOCH, position), types):
            assert batch.after == self.position
            self.received += batch.records
            self.position = batch.position

    @property
    def top(self) -> int:
        return self.store.records[-1].seq if self.store.records else 0

    async def play(self, step: str, number: int) -> None:
        if step == "run":
            for _ in range(number):
                await asyncio.sleep(0)
        elif step == "announce late":
            if self.past:
                self.tail.advance(self.past[number % len(self.past)])
        else:
            self._commit(step, number)

    def _commit(self, step: str, number: int) -> None:
        fresh = records(self.top + 1, self.top + number)
        self.store.records += fresh
        if step != "commit unannounced":
            news = Announcement("office", EPOCH, self.top, fresh if step == "commit" else ())
            self.past.append(news)
            self.tail.advance(news)

    async def finish(self) -> None:
        self.tail.advance(Announcement("office", EPOCH, self.top))
        async with asyncio.timeout(10):
            while self.position < self.top:
                await asyncio.sleep(0)
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)


@pytest.mark.parametrize("types", [None, frozenset({KINDS[0]})], ids=["all", "filtered"])
@given(stored=st.integers(0, 400), start=st.floats(0, 1), steps=STEPS)
@settings(deadline=None, max_examples=60)
def test_every_record_comes_once_and_in_order(types: Types, stored: int, start: float, steps: list[Step]) -> None:
    async def run() -> None:
        position = int(start * stored)
        scene = Scene(stored, position, types)
        for step in steps:
            await scene.play(*step)
        await scene.finish()
        expected = [r for r in scene.store.records if r.seq > position and (types is None or r.type in types)]
        assert scene.received == expected

    asyncio.run(run())


async def test_a_follower_that_keeps_up_never_reads_the_store() -> None:
    scene = Scene(10, 10, None)
    for _ in range(5):
        await scene.play("commit", 100)
        while scene.position < scene.top:
            await asyncio.sleep(0)
    assert scene.store.reads == 0
    await scene.finish()


async def test_a_follower_that_the_ring_has_left_behind_comes_back_to_it() -> None:
    scene = Scene(0, 0, None)
    for _ in range(4):
        await scene.play("commit", RING)
    await scene.finish()
    assert [r.seq for r in scene.received] == list(range(1, 4 * RING + 1))
    assert 0 < scene.store.reads < 14


@pytest.mark.parametrize("epoch", ["", "cafe0002"])
async def test_a_follower_is_told_that_its_log_was_replaced(epoch: str) -> None:
    scene = Scene(10, 10, None)
    await asyncio.sleep(0)
    scene.tail.advance(Announcement("office", epoch, 3))
    with pytest.raises(LogReplaced):
        await asyncio.wait_for(scene.task, 1)


async def test_a_position_is_never_read_in_a_log_that_replaced_its_own() -> None:
    scene = Scene(10, 5, None)  # its follower has not run yet
    scene.tail.advance(Announcement("office", "cafe0002", 20))
    with pytest.raises(LogReplaced):
        await asyncio.wait_for(scene.task, 1)
    assert scene.received == []


async def test_nobody_is_served_what_is_committed_and_not_announced_yet() -> None:
    scene = Scene(10, 0, None)
    await scene.play("commit unannounced", 5)
    await wait_for(scene, 10)
    assert scene.position == 10, "a cursor beyond the top that is known could not be resumed from"
    scene.tail.advance(Announcement("office", EPOCH, 15))
    await wait_for(scene, 15)
    await scene.finish()
    assert [record.seq for record in scene.received] == list(range(1, 16))


async def wait_for(scene: Scene, position: int) -> None:
    async with asyncio.timeout(10):
        while scene.position < position:
            await asyncio.sleep(0)


async def test_a_batch_from_the_store_is_bounded_in_bytes() -> None:
    store, tail = MemoryStore(*records(1, 40, size=60_000)), Tail(Bounds("office", EPOCH, 1, 40))
    sizes = []
    async for batch in follow(tail, cast(Store, store), Cursor(EPOCH, 0)):
        sizes.append(sum(len(record.wire) for record in batch.records))
        if batch.position == 40:
            break
    assert max(sizes) <= MAX_BATCH_BYTES
    assert sum(sizes) == sum(len(record.wire) for record in store.records)
