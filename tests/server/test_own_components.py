"""Our own components: what they were is told, also of what was killed, and of a time that the store took nothing."""

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from jorge_data.errors import StoreError, TooMany
from jorge_data.events import decode
from jorge_data.events.envelope import OWN
from jorge_data.server import own_components
from jorge_data.server.own_components import EVERY_S, MOST_DASHBOARDS, SILENT_S, DashboardReport, OwnComponents
from jorge_data.server.readiness import Readiness
from jorge_data.store import SQLiteStore

START = datetime(2026, 12, 1, 9, tzinfo=UTC)


class Clock:
    """A clock that is moved by hand, and counts seconds as well."""

    def __init__(self) -> None:
        self.passed = 0.0

    def now(self) -> datetime:
        return START + timedelta(seconds=self.passed)

    def monotonic(self) -> float:
        return self.passed


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SQLiteStore]:
    with closing(SQLiteStore(tmp_path / "events.db")) as opened:
        yield opened


@pytest.fixture
def readiness() -> Readiness:
    ready = Readiness()
    ready.report("store", "ok")
    return ready


Opened = Callable[..., OwnComponents]


@pytest.fixture
def open_components(store: SQLiteStore, readiness: Readiness, clock: Clock) -> Opened:
    """Return what opens them anew, as a process does that starts on this store."""

    def opened(last_alive: float | None = None) -> OwnComponents:
        at = None if last_alive is None else START + timedelta(seconds=last_alive)
        return OwnComponents(store, readiness, at, clock.now, clock.monotonic)

    return opened


def run(work: Coroutine[Any, Any, Any]) -> None:
    asyncio.run(work)


def told(store: SQLiteStore, component: str = "event-server") -> list[tuple[float, str, str]]:
    """Return what was told of a component: seconds since the start, status and why, in the log's order."""
    events = [decode(record.wire) for record in store.read(OWN, 0, 1000).records]
    return [
        ((event.time - START).total_seconds() // 1, event.data["status"], event.data.get("error_message", ""))
        for event in events
        if event.data["component"] == component
    ]


def dashboard(instance: str = "office:3000", started: float = 0.0, **how: Any) -> DashboardReport:
    return DashboardReport(
        instance=instance, started=START + timedelta(seconds=started), **{"status": "healthy", **how}
    )


def test_a_start_and_a_stop_are_told(store: SQLiteStore, open_components: Opened, clock: Clock) -> None:
    first = open_components()
    run(first.begin())
    clock.passed = 60
    run(first.end())
    clock.passed = 600
    run(open_components().begin())
    assert told(store) == [(0, "healthy", ""), (60, "down", "stopped"), (600, "healthy", "")]


def test_of_a_process_that_was_killed_it_is_told_that_it_was_down_since_it_was_last_alive(
    store: SQLiteStore, open_components: Opened, clock: Clock
) -> None:
    run(open_components().begin())
    clock.passed = 900
    run(open_components(last_alive=250).begin())
    assert told(store) == [(0, "healthy", ""), (250, "down", "ended without a word"), (900, "healthy", "")]
    clock.passed = 1800
    run(open_components().begin())  # where nothing is known of it: since its last report
    assert told(store)[3:] == [(900, "down", "ended without a word"), (1800, "healthy", "")]


def test_a_restart_within_seconds_is_no_outage(store: SQLiteStore, open_components: Opened, clock: Clock) -> None:
    run(open_components().begin())
    clock.passed = 100
    run(open_components(last_alive=97).begin())
    assert told(store) == [(0, "healthy", ""), (100, "healthy", "")]


def test_a_clock_that_was_set_back_makes_no_outage(store: SQLiteStore, open_components: Opened, clock: Clock) -> None:
    clock.passed = 7200
    run(open_components().begin())
    clock.passed = 0
    run(open_components().begin())
    assert [status for _, status, _ in told(store)] == ["healthy", "healthy"]


def test_what_changes_is_told_at_once_and_what_does_not_now_and_then(
    store: SQLiteStore, open_components: Opened, clock: Clock, readiness: Readiness
) -> None:
    async def work() -> None:
        components = open_components()
        await components.begin()
        for clock.passed in (10, 20):
            await components.look()
        readiness.report("archive", "degraded", "1 day of the archive cannot be read")
        for clock.passed in (30, 31):
            await components.look()
        clock.passed = 31 + EVERY_S
        await components.look()

    run(work())
    why = "archive: 1 day of the archive cannot be read"
    assert told(store) == [(0, "healthy", ""), (30, "degraded", why), (31 + EVERY_S, "degraded", why)]


class Full:
    """A store that takes nothing while it is full."""

    def __init__(self, store: SQLiteStore) -> None:
        self._store, self.full = store, False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def append(self, location: str, candidates: Any, acts: Any = ()) -> Any:
        if self.full:
            raise StoreError("the disk is full")
        return self._store.append(location, candidates, acts)


def test_a_time_in_which_nothing_could_be_stored_is_told_as_down_when_it_is_over(
    store: SQLiteStore, readiness: Readiness, clock: Clock
) -> None:
    full = Full(store)

    async def work() -> None:
        components = OwnComponents(full, readiness, None, clock.now, clock.monotonic)
        await components.begin()
        full.full = True
        readiness.report("store", "failed", "the disk is full")
        for second in range(60, 60 + 500):
            clock.passed = second
            await components.look()
        full.full = False
        readiness.report("store", "ok")
        clock.passed = 600
        await components.look()

    run(work())
    assert told(store)[0] == (0, "healthy", "")
    assert told(store)[1] == (60, "down", "store: the disk is full")
    assert told(store)[-1] == (600, "healthy", "")
    assert {status for _, status, _ in told(store)[1:-1]} == {"down"}
    assert len(told(store)) < own_components.MOST_UNTOLD


def test_a_dashboard_is_told_of_as_long_as_it_reports_and_is_down_once_it_is_silent(
    store: SQLiteStore, open_components: Opened, clock: Clock
) -> None:
    async def work() -> None:
        components = open_components()
        await components.begin()
        for clock.passed in range(0, 600, 30):
            await components.hear(dashboard())
            await components.look()
        clock.passed = 570 + SILENT_S + 1
        await components.look()
        await components.look()
        clock.passed = 2000
        await components.hear(dashboard(started=1990))

    run(work())
    assert told(store, "dashboard") == [
        (0, "healthy", ""),
        (300, "healthy", ""),
        (570, "down", "ended without a word"),
        (2000, "healthy", ""),
    ]


def test_a_dashboard_that_was_killed_and_started_again_at_once_was_down_in_between(
    store: SQLiteStore, open_components: Opened, clock: Clock
) -> None:
    async def work() -> None:
        components = open_components()
        await components.begin()
        await components.hear(dashboard())
        clock.passed = 50
        await components.hear(dashboard(started=40))
        clock.passed = 60
        await components.hear(dashboard(started=40, status="degraded", why="its connection is polling"))
        clock.passed = 70
        await components.hear(dashboard(started=40, ending=True))

    run(work())
    assert told(store, "dashboard") == [
        (0, "healthy", ""),
        (0, "down", "ended without a word"),
        (50, "healthy", ""),
        (60, "degraded", "its connection is polling"),
        (70, "down", "stopped"),
    ]


def test_each_dashboard_has_a_lane_of_its_own_and_one_that_ended_leaves_its_lane(
    store: SQLiteStore, open_components: Opened, clock: Clock
) -> None:
    async def work() -> None:
        components = open_components()
        await components.begin()
        await components.hear(dashboard("a:3000"))
        await components.hear(dashboard("b:3000"))
        await components.hear(dashboard("a:3000", ending=True))
        clock.passed = 60
        await components.hear(dashboard("c:3000", started=55))
        for number in range(MOST_DASHBOARDS - 2):
            await components.hear(dashboard(f"d{number}:3000"))
        with pytest.raises(TooMany, match="8 dashboards report already"):
            await components.hear(dashboard("one-more:3000"))

    run(work())
    assert told(store, "dashboard") == [(0, "healthy", ""), (0, "down", "stopped"), (60, "healthy", "")]
    assert told(store, "dashboard 2") == [(0, "healthy", "")]


def test_a_dashboard_that_does_not_come_back_after_the_servers_restart_was_down_since_its_last_report(
    store: SQLiteStore, open_components: Opened, clock: Clock
) -> None:
    async def work() -> None:
        first = open_components()
        await first.begin()
        await first.hear(dashboard("a:3000"))
        await first.hear(dashboard("b:3000"))
        await first.end()
        clock.passed = 60
        second = open_components()
        await second.begin()
        await second.hear(dashboard("b:3000"))
        for clock.passed in range(60, 300, 30):
            await second.hear(dashboard("b:3000"))
            await second.look()

    run(work())
    assert told(store, "dashboard") == [(0, "healthy", ""), (0, "down", "ended without a word")]
    assert told(store, "dashboard 2") == [(0, "healthy", "")]
