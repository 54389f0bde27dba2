"""Old events: kept unless a setting says otherwise, archived before they are removed, and never half of a log."""

import asyncio
import random
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from jorge_data.events import Cursor, Reception, Record, admit, decode
from jorge_data.server.log.follow import LogReplaced, follow
from jorge_data.server.log.retention import Policy, Removal, Retention
from jorge_data.server.log.tail import Tail
from jorge_data.settings import Settings
from jorge_data.store import Archive, SQLiteStore
from tests.served import Served, bot_status
from tests.server.remover import LOCATION, UTC_ZONE, fold

ROOT = Path(__file__).parents[3]
NOW = datetime.now(UTC)
ALWAYS = (NOW - timedelta(days=9999), NOW + timedelta(days=1))


def fill(store: SQLiteStore, *ages: float) -> None:
    """Append events that happened so many days ago, and say that they are folded."""
    moments = (NOW - timedelta(days=age) for age in ages)
    candidates = [admit(bot_status(n, time=moment.isoformat()), Reception(NOW)) for n, moment in enumerate(moments)]
    store.append(LOCATION, candidates).result(10)
    fold(store)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SQLiteStore]:
    with closing(SQLiteStore(tmp_path / "events.db")) as store:
        yield store


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    return Archive(tmp_path / "archive")


def run(store: SQLiteStore, archive: Archive, policy: Policy) -> list[Removal]:
    async def once() -> list[Removal]:
        return await Retention(store, archive, policy, lambda: NOW, lambda removal: None).run()

    return asyncio.run(once())


def archived(store: SQLiteStore, archive: Archive) -> list[Record]:
    log = store.bounds(LOCATION)
    return sorted(archive.read(archive.days(LOCATION, *ALWAYS), ((log.epoch, log.oldest),), None, *ALWAYS))


def held(store: SQLiteStore) -> list[int]:
    return seqs(store.read(LOCATION, 0, 100_000).records)


def seqs(records: Sequence[Record]) -> list[int]:
    return [record.seq for record in records]


def test_keep_removes_nothing(store: SQLiteStore, archive: Archive, tmp_path: Path) -> None:
    fill(store, 900, 500, 1)
    assert run(store, archive, Policy("keep", 1, UTC_ZONE)) == []
    assert held(store) == [1, 2, 3]
    assert not (tmp_path / "archive").exists()


def test_archive_moves_what_is_old_to_files(store: SQLiteStore, archive: Archive) -> None:
    fill(store, 20, 15, 14, 3, 0)
    epoch = store.bounds(LOCATION).epoch
    assert run(store, archive, Policy("archive", 10, UTC_ZONE)) == [Removal(LOCATION, epoch, 3, 4)]
    assert (held(store), seqs(archived(store, archive))) == ([4, 5], [1, 2, 3])
    assert run(store, archive, Policy("archive", 10, UTC_ZONE)) == []


def test_delete_removes_what_is_old_and_writes_no_file(store: SQLiteStore, archive: Archive, tmp_path: Path) -> None:
    fill(store, 20, 15, 3)
    run(store, archive, Policy("delete", 10, UTC_ZONE))
    assert held(store) == [3]
    assert not (tmp_path / "archive").exists()


def test_only_whole_days_of_the_office_are_old(store: SQLiteStore, archive: Archive) -> None:
    policy = Policy("delete", 10, UTC_ZONE)
    last_midnight = policy.until(NOW)
    ages = [(NOW - last_midnight - timedelta(seconds=shift)) / timedelta(days=1) for shift in (-1, 1)]
    fill(store, *ages)
    run(store, archive, policy)
    assert held(store) == [2]


def test_a_log_gets_no_hole_where_an_old_event_came_late(store: SQLiteStore, archive: Archive) -> None:
    fill(store, 20, 3, 19, 2)
    run(store, archive, Policy("archive", 10, UTC_ZONE))
    assert (held(store), seqs(archived(store, archive))) == ([2, 3, 4], [1])


def test_what_is_not_folded_yet_stays(store: SQLiteStore, archive: Archive) -> None:
    fill(store, 20, 19)
    late = [admit(bot_status(9, time=(NOW - timedelta(days=18)).isoformat()), Reception(NOW))]
    store.append(LOCATION, late).result(10)
    run(store, archive, Policy("delete", 10, UTC_ZONE))
    assert held(store) == [3]


def test_nothing_is_deleted_of_a_log_that_begins_to_be_folded_anew(store: SQLiteStore, archive: Archive) -> None:
    fill(store, 20, 19, 2)

    def begin(removal: Removal) -> None:
        assert store.clear(LOCATION, None).result(10)

    retention = Retention(store, archive, Policy("delete", 10, UTC_ZONE), lambda: NOW, begin)
    assert asyncio.run(retention.run()) == []
    assert held(store) == [1, 2, 3]


def test_readers_are_told_nothing_of_a_log_that_has_begun_to_be_folded_anew(
    store: SQLiteStore, archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(store, 20, 19, 2)
    removals: list[Removal] = []
    retention = Retention(store, archive, Policy("archive", 10, UTC_ZONE), lambda: NOW, removals.append)
    write = archive.write

    def begin(*given: Any) -> None:
        write(*given)
        assert store.clear(LOCATION, None).result(10)

    monkeypatch.setattr(archive, "write", begin)
    assert asyncio.run(retention.run()) == []
    assert (removals, held(store)) == ([], [1, 2, 3])


def test_killed_at_any_moment_nothing_is_lost_or_there_twice(tmp_path: Path) -> None:
    chance = random.Random(7)
    with closing(SQLiteStore(tmp_path / "events.db")) as store:
        fill(store, *(40 - 35 * n / 900 for n in range(900)))
        names = [decode(record.wire).id for record in store.read(LOCATION, 0, 1000).records]
    for _ in range(4):
        killed_after(chance.randint(1, 5), tmp_path)
        with closing(SQLiteStore(tmp_path / "events.db")) as store:
            log, archive = store.bounds(LOCATION), Archive(tmp_path / "archive")
            everything = [*archived(store, archive), *store.read(LOCATION, 0, 1000).records]
            assert [record.seq for record in everything] == list(range(1, 901))
            assert [decode(record.wire).id for record in everything] == names
    assert log.oldest > 1


def killed_after(lines: int, folder: Path) -> None:
    command = [sys.executable, "-m", "tests.server.remover", str(folder)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for _ in range(lines):
            process.stdout.readline()
        process.kill()


def test_a_reader_whose_next_events_are_removed_is_sent_away_instead_of_past_a_hole(store: SQLiteStore) -> None:
    fill(store, 20, 15, 3, 2)
    epoch = store.bounds(LOCATION).epoch

    async def read_from(position: int) -> list[int]:
        tail = Tail(store.bounds(LOCATION))
        tail.shorten(epoch, 3)
        batch = await anext(follow(tail, store, Cursor(epoch, position)))
        return [record.seq for record in batch.records]

    assert asyncio.run(read_from(2)) == [3, 4]
    with pytest.raises(LogReplaced):
        asyncio.run(read_from(1))


@pytest.fixture(scope="module")
def archiving(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("archiving")
    with Served(folder, JORGE_RETENTION="archive", JORGE_RETENTION_DAYS="30") as server:
        yield server


def publish_old_and_new(served: Served, location: str) -> list[int]:
    """Publish 60 events, one in each of the office's last 60 days; return the counts of each of the last 100 days."""
    noon = datetime.now(Settings().timezone).replace(hour=12, minute=0, second=0, microsecond=0)
    moments = [noon - timedelta(days=60 - n) for n in range(60)]  # in the zone's days, however long they are
    events = [bot_status(n, time=at.isoformat(), locationid=location) for n, at in enumerate(moments)]
    assert served.post(events).status_code == 200
    return counts(served, location)


def counts(served: Served, location: str) -> list[int]:
    start = (datetime.now(UTC) - timedelta(days=100)).replace(hour=0, minute=0, second=0, microsecond=0)
    query = {"location": location, "kind": "bot_status_update", "step": "1d", "from": start.isoformat()}
    return [row[-1] for row in served.get("/api/series", **query)["rows"]]


def retain(served: Served) -> dict[str, int]:
    answer = served.session.post(f"{served.url}/api/retention/run", headers=served.bearer(), timeout=30)
    answer.raise_for_status()
    return {removal["location"]: removal["events"] for removal in answer.json()["removed"]}


def test_readers_are_told_and_the_rollups_stay(archiving: Served, location: str) -> None:
    before = publish_old_and_new(archiving, location)
    log = archiving.get("/events", location=location, after="oldest", limit=1)
    removed = retain(archiving)[location]
    assert removed == 30
    page = archiving.get("/events", location=location, after="oldest")
    assert page["oldest"] == removed + 1 == page["events"][0]["seq"]
    assert archiving.get("/events", location=location, after=f"{log['epoch']}:1")["recovered"] is False
    assert archiving.get("/events", location=location, after=f"{log['epoch']}:{removed}")["recovered"] is True
    assert counts(archiving, location) == before
    files = sorted(path.name for path in (archiving.folder / "archive" / location).iterdir())
    assert len(files) == removed
    assert all(name.endswith(".parquet") for name in files)


def test_rollups_that_are_rebuilt_have_what_is_archived(archiving: Served, location: str) -> None:
    before = publish_old_and_new(archiving, location)
    retain(archiving)
    rebuild = f"{archiving.url}/api/rollups/rebuild?location={location}"
    assert archiving.session.post(rebuild, headers=archiving.bearer(), timeout=30).ok
    assert counts(archiving, location) == before


def test_what_deleted_events_counted_stays_counted(tmp_path: Path) -> None:
    """Neither a rebuild nor a rule that changes may take away what nothing can count anew."""
    with Served(tmp_path, JORGE_RETENTION="delete", JORGE_RETENTION_DAYS="30") as server:
        before = publish_old_and_new(server, LOCATION)
        retain(server)
        rebuild = f"{server.url}/api/rollups/rebuild?location={LOCATION}"
        refused = server.session.post(rebuild, headers=server.bearer(), timeout=30)
        assert (refused.status_code, refused.json()["error"]["code"]) == (422, "invalid")
        server.stop()
        server.environment["JORGE_INTENT_TARGET_MS"] = "50"
        server.start()
        assert counts(server, LOCATION) == before
        server.post(bot_status(locationid=LOCATION))
        assert sum(counts(server, LOCATION)) == sum(before) + 1


def test_a_location_that_is_removed_leaves_no_archive(archiving: Served, location: str) -> None:
    publish_old_and_new(archiving, location)
    retain(archiving)
    assert (archiving.folder / "archive" / location).is_dir()
    archiving.session.delete(f"{archiving.url}/api/locations/{location}", headers=archiving.bearer(), timeout=10)
    assert not (archiving.folder / "archive" / location).exists()


def test_without_the_setting_a_run_removes_nothing(served: Served, location: str) -> None:
    publish_old_and_new(served, location)
    assert retain(served) == {}
    assert len(served.get("/events", location=location, after="oldest")["events"]) == 60


@pytest.mark.parametrize(
    ("role", "bound", "why"),
    [
        ("manager", None, "the role manager may not run the retention: allowed is admin"),
        ("admin", "austin", "the token is bound to the location 'austin': to run the retention is for all locations"),
        ("publisher", None, "the role publisher may not run the retention: allowed is admin"),
    ],
)
def test_only_an_admin_of_all_locations_may_ask_for_a_run(
    served: Served, role: str, bound: str | None, why: str
) -> None:
    headers = served.bearer(role, bound)  # type: ignore[arg-type]
    answer = served.session.post(f"{served.url}/api/retention/run", headers=headers, timeout=10)
    assert answer.status_code == 403
    assert answer.json()["error"]["detail"] == why
