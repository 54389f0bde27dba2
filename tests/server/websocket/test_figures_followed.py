"""Subscriptions that follow figures, without a server: readers that are slow, alike, or of a log that is gone."""

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest

from jorge_data.events import Reception, admit
from jorge_data.metrics import Targets
from jorge_data.permissions import Caller
from jorge_data.server.figures import live_figures
from jorge_data.server.figures.live_figures import LiveFigures
from jorge_data.server.figures.reader import FiguresReader
from jorge_data.server.figures.sections import SECTIONS
from jorge_data.server.log.assignments import AssignmentMap, ErasedContacts
from jorge_data.server.log.frames import Frame, FrameCache
from jorge_data.server.log.tail import Announcement, Tail
from jorge_data.server.rollup.worker import Folded, FoldProgress, RollupWorker
from jorge_data.server.telemetry import Telemetry
from jorge_data.server.users.office_people import OfficePeople
from jorge_data.server.websocket.subscription import INTERRUPTED, Subscription
from jorge_data.store import AuditedAction, Commit, SQLiteStore, StoredGrant, StoredUser
from tests.served import bot_status

pytestmark = pytest.mark.anyio

OFFICE = "office"


class Screen:
    """A client that reads what it is sent as long as it is `ready`."""

    def __init__(self) -> None:
        self.ready, self.got = asyncio.Event(), asyncio.Event()
        self.ready.set()
        self.frames: list[Frame] = []
        self.closed: int | None = None

    @property
    def blocked(self) -> bool:
        return not self.ready.is_set()

    async def send(self, frame: Frame) -> None:
        self.offer(frame)
        await self.ready.wait()

    def offer(self, frame: Frame) -> None:
        self.frames.append(frame)
        self._note()

    def cut(self, code: int, reason: str) -> None:
        self.closed = code
        self._note()

    def _note(self) -> None:
        got, self.got = self.got, asyncio.Event()
        got.set()

    @property
    def figures(self) -> list[dict[str, Any]]:
        """The frames of figures, in the order sent."""
        return [frame for frame in map(_read, self.frames) if frame["type"] == "figures"]

    async def figures_of(self, seq: int) -> dict[str, Any]:
        """Wait for figures as of a position, and return them."""
        while not self.figures or self.figures[-1]["as_of"] < seq:
            await self.got.wait()
        return self.figures[-1]


def _read(frame: Frame) -> dict[str, Any]:
    read: dict[str, Any] = orjson.loads(frame.payload)
    return read


class Log:
    """One location's log with its tail, folded and followed as the server does."""

    def __init__(self, folder: Path) -> None:
        self.loop = asyncio.get_running_loop()
        self.commits: list[Commit] = []
        self.store = SQLiteStore(folder / "events.db", lambda commit: self.commits.append(commit))
        self.tail = Tail(self.store.bounds(OFFICE))
        self.worker = RollupWorker(self.store, Targets(), Telemetry(), self._folded)
        self.worker.start()
        self.figures = LiveFigures(
            self.tail, self.store, self.worker, Targets(), OfficePeople(self.store.users, OFFICE)
        )

    def _folded(self, change: Folded) -> None:
        self.loop.call_soon_threadsafe(self.figures.folded, change)

    async def append(self, count: int) -> int:
        """Commit so many events, and announce them."""
        announcement = await self.commit(count)
        self.tail.advance(announcement)
        return announcement.top

    async def commit(self, count: int) -> Announcement:
        """Commit so many events; return the announcement that their followers have not heard yet."""
        some = [admit(bot_status(n), Reception(datetime.now(UTC), OFFICE)) for n in range(count)]
        await asyncio.wrap_future(self.store.append(OFFICE, some))
        commit = self.commits[-1]
        self.worker.committed(commit.bounds)
        return Announcement(OFFICE, commit.bounds.epoch, commit.bounds.top, commit.records)

    async def drop(self) -> None:
        epoch = self.store.bounds(OFFICE).epoch
        await asyncio.wrap_future(self.store.drop(OFFICE))
        self.worker.forget(OFFICE, epoch)

    @asynccontextmanager
    async def follow(self, role: Caller = "admin") -> AsyncIterator[Screen]:
        """Subscribe a client from the top on, figures included."""
        screen = Screen()
        subscription = self.subscription(screen, role)
        subscription.start()
        try:
            yield screen
        finally:
            await subscription.stop()

    def subscription(self, screen: Screen, role: Caller) -> Subscription:
        """Return a client's subscription from the top on, not yet started."""
        return Subscription(
            tail=self.tail,
            store=self.store,
            frames=FrameCache(),
            writer=screen,
            types=None,
            fields=None,
            encoding="plain",
            epoch=self.tail.epoch,
            position=self.tail.top,
            prev=self.tail.top,
            replayed=lambda count: None,
            figures=self.figures,
            reader=role,
            sight=None,
            assignments=AssignmentMap(self.store, OFFICE),
            erased=ErasedContacts(()),
        )

    def close(self) -> None:
        self.figures.cancel()
        self.worker.close()
        self.store.close()


@pytest.fixture
async def log(tmp_path: Path) -> AsyncIterator[Log]:
    log = Log(tmp_path)
    yield log
    log.close()


async def test_a_subscription_that_never_began_can_be_stopped(log: Log) -> None:
    await log.subscription(Screen(), "admin").stop()


async def test_figures_wait_for_the_events_that_they_count(log: Log) -> None:
    async with log.follow() as screen:
        await screen.figures_of(0)
        first, second = await log.commit(1), await log.commit(2)
        await log.worker.all_folded(OFFICE)
        log.tail.advance(first)
        while log.figures.as_of.seq < 3:
            await log.figures.after(log.figures.version)
        assert [figures["as_of"] for figures in screen.figures] == [0], "two of them are still to be served"
        log.tail.advance(second)
        await screen.figures_of(3)
        *_, events, figures = map(_read, screen.frames)
        assert (events["events"][-1]["seq"], figures["as_of"]) == (3, 3)


async def test_a_slow_reader_gets_the_newest_figures_alone(log: Log) -> None:
    async with log.follow() as screen, log.follow() as other:
        await screen.figures_of(0)
        screen.ready.clear()
        for _ in range(5):
            await other.figures_of(await log.append(1))
        before = len(screen.figures)
        assert before <= 2, "one may be on its way when it stops reading"
        screen.ready.set()
        newest = await screen.figures_of(5)
        assert len(screen.figures) == before + 1
        assert newest["set"]["bots"]["jorge-seller"]["events_1h"] == 5


async def test_readers_who_see_the_same_share_one_answer_and_one_frame(log: Log) -> None:
    async with log.follow() as one, log.follow() as other, log.follow("viewer") as viewer:
        for screen in (one, other, viewer):
            await screen.figures_of(0)
        before = log.figures.version
        await log.append(3)
        for screen in (one, other, viewer):
            await screen.figures_of(3)
        assert log.figures.version == before + 1
        assert one.frames[-1] is other.frames[-1]
        assert viewer.frames[-1] is not one.frames[-1]


async def test_a_log_that_was_replaced_ends_its_readers_and_tells_them_nothing_of_the_new_one(log: Log) -> None:
    await log.append(3)
    async with log.follow() as screen:
        await screen.figures_of(3)
        await log.drop()
        log.tail.advance(await log.commit(5))
        while screen.closed is None:
            await screen.got.wait()
        assert screen.closed == INTERRUPTED
        assert (await log.figures.current()).as_of.seq == 5
        async with log.follow() as anew:
            assert (await anew.figures_of(5))["set"]["bots"]["jorge-seller"]["events_1h"] == 5
        assert [figures["as_of"] for figures in screen.figures] == [3]


async def test_a_log_that_begins_while_it_is_followed_has_figures(log: Log) -> None:
    await log.figures.current()  # of nothing
    announcement = await log.commit(2)
    async with log.follow() as screen:
        log.tail.advance(announcement)  # its events are served before anything else
        assert (await screen.figures_of(2))["set"]["bots"]["jorge-seller"]["events_1h"] == 2


async def test_figures_of_a_history_that_is_being_counted_say_how_far(
    log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_figures, "FOLDED_WITHIN_S", 0.01)
    free, advance = threading.Event(), log.worker._advance

    def advance_when_free(location: str, progress: FoldProgress) -> None:
        assert free.wait(30)
        advance(location, progress)

    free.set()
    async with log.follow() as screen:
        await log.append(2)
        await screen.figures_of(2)
        monkeypatch.setattr(log.worker, "_advance", advance_when_free)
        free.clear()
        await log.append(4)
        while (counting := screen.figures[-1]["set"].get("counting")) is None:
            await screen.got.wait()
        assert (counting, screen.figures[-1]["as_of"]) == ({"folded": 2, "top": 6}, 2)
        before = log.figures.version
        readers = [asyncio.create_task(log.figures.current()) for _ in range(20)]
        assert {(await reader).as_of.seq for reader in readers} == {2}
        assert log.figures.version - before <= 3, "who waits for an answer that begins after he asked takes it"
        free.set()
        assert (await screen.figures_of(6))["set"]["counting"] is None


async def test_figures_of_a_past_that_is_brought_in_say_how_much_of_it_is_there_until_it_is(
    log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with log.follow() as screen:
        log.figures.note_loaded(0.5)
        await log.append(2)
        assert (await screen.figures_of(2))["set"]["counting"] == {"folded": 2, "top": 2, "loaded": 0.5}
        log.figures.note_loaded(1.0)
        await log.append(1)
        assert (await screen.figures_of(3))["set"]["counting"] is None


async def test_who_falls_silent_while_bringing_in_a_past_is_not_waited_for(
    log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_figures, "LOADING_S", 0.3)
    async with log.follow() as screen:
        log.figures.note_loaded(0.5)
        await log.append(1)
        while not screen.figures or screen.figures[-1]["set"].get("counting", 0) is not None:
            await screen.got.wait()


async def test_a_section_that_fails_is_null_and_the_others_are_told(
    log: Log, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(reader: FiguresReader) -> None:
        raise KeyError("a state that cannot be read")

    monkeypatch.setattr(live_figures, "SECTIONS", {**SECTIONS, "ml": fail})
    await log.append(1)
    first = (await log.figures.current()).sections
    assert (first["ml"], list(first["bots"])) == (None, ["jorge-seller"])
    await log.append(1)
    await log.figures.current()
    async with log.follow() as screen:
        told = (await screen.figures_of(2))["set"]
        assert (told["ml"], list(told["bots"])) == (None, ["jorge-seller"]), "null is told as well"
    assert sum("ml of office cannot be answered" in record.message for record in caplog.records) == 1


async def test_what_is_folded_while_the_figures_are_read_is_not_missed(
    log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    reading, go_on = threading.Event(), threading.Event()
    go_on.set()

    def bots(reader: FiguresReader) -> Any:
        value = SECTIONS["bots"](reader)
        reading.set()
        assert go_on.wait(30)
        return value

    monkeypatch.setattr(live_figures, "SECTIONS", {**SECTIONS, "bots": bots})
    await log.append(1)
    await log.figures.current()
    reading.clear()
    go_on.clear()
    await log.append(1)
    asked = asyncio.create_task(log.figures.current())
    await asyncio.to_thread(reading.wait, 30)
    await log.append(1)
    await log.worker.all_folded(OFFICE)
    go_on.set()
    assert (await asked).as_of.seq == 2
    newest = await log.figures.current()
    assert (newest.as_of.seq, newest.sections["bots"]["jorge-seller"]["events_1h"]) == (3, 3)


async def test_who_is_added_or_granted_another_agent_is_known_without_an_event(log: Log) -> None:
    qualified = {"contact_id": "dana", "current_question": 0, "questions_answered": 0, "seller_temperature": "hot"}
    rated = {"confrontational_effectiveness": 50, "stall_detected": False, "next_step": "ask"}
    given = {"contact_id": "dana", "changed": {}, "assigned_to": "agt7"}
    for kind, data in (("jorge_qualification_progress", {**qualified, **rated}), ("contact_update", given)):
        item = {"source": "tests", "type": kind, "locationid": OFFICE, "data": data}
        await asyncio.wrap_future(log.store.append(OFFICE, [admit(item, Reception(datetime.now(UTC), OFFICE))]))
        log.worker.committed(log.commits[-1].bounds)
    bounds = log.commits[-1].bounds
    log.tail.advance(Announcement(OFFICE, bounds.epoch, bounds.top, log.commits[-1].records))

    async def owner() -> tuple[str, str]:
        (item,) = (await log.figures.current()).sections["needs"]["items"]
        return item["owner"]["id"], item["owner"]["name"]

    assert await owner() == ("agt7", "agt7")
    act, grant = AuditedAction(datetime.now(UTC), "ada", "user.add", "ann"), StoredGrant(OFFICE, "agent", "agt7")
    user = StoredUser(0, "ann", "Ann Lee", "other", None, datetime.now(UTC), None, (grant,))
    added = await asyncio.wrap_future(log.store.users.add(user, None, act))
    assert added is not None
    assert await owner() == ("agt7", "Ann Lee")
    await asyncio.wrap_future(log.store.users.set_grants(added.id, [StoredGrant(OFFICE, "agent", "agt8")], act))
    assert await owner() == ("agt7", "agt7")
