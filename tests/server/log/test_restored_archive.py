"""A database that was put back beside an archive that went on: each event of the new life once, none of the old one."""

import asyncio
import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from jorge_data.events import Reception, admit, decode
from jorge_data.server.log.retention import Policy, Retention
from jorge_data.store import EventFilter, SQLiteStore, TimeRange
from tests.served import bot_status
from tests.server.remover import LOCATION, UTC_ZONE, fold

NOW = datetime.now(UTC)


def fill(store: SQLiteStore, name: str, *ages: float) -> list[str]:
    """Append events that happened so many days ago; return their names."""
    names = [f"{name}{number}" for number in range(len(ages))]
    candidates = [
        admit(bot_status(id=each, time=(NOW - timedelta(days=age)).isoformat()), Reception(NOW))
        for each, age in zip(names, ages, strict=True)
    ]
    store.append(LOCATION, candidates).result(10)
    fold(store)
    return names


def archive(store: SQLiteStore, days: int) -> int:
    """Archive what is older; return the log's oldest position then."""
    policy = Policy("archive", days, UTC_ZONE)
    asyncio.run(Retention(store, store.archive, policy, lambda: NOW, lambda removal: None).run())
    return store.bounds(LOCATION).oldest


def whole(store: SQLiteStore) -> list[str]:
    """Return the names of all events of the log, as a rebuild reads them; check that a question counts the same."""
    with store.view(LOCATION) as view:
        assert view.whole
        names: list[str] = []
        position = 0
        while position < view.top:
            page = view.read(position, 7)
            names += [decode(record.wire).id for record in page.records]
            position = page.position
        assert view.count("bot_status_update", [TimeRange(0, 0, 1 << 53)]) == len(names)
        rows = view.events(EventFilter("bot_status_update", view.top), [TimeRange(0, 0, 1 << 53)], 1000)
        assert sorted(row.key.seq for row in rows) == list(range(1, len(names) + 1))
    return names


def test_what_was_archived_before_and_after_the_copy_is_told_apart(tmp_path: Path) -> None:
    path = tmp_path / "events.db"
    with closing(SQLiteStore(path)) as store:
        old = fill(store, "old", 60, 55, 50, 45, 40, 35, 30, 25, 20, 15, 5, 4)
        assert archive(store, 42) == 5
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("VACUUM INTO ?", (str(tmp_path / "copy.db"),))
        fill(store, "lost", 14, 13, 3)
        assert archive(store, 10) == 11, "more of the same life is archived, some of which the copy still has"
        before = store.bounds(LOCATION).epoch
    for suffix in ("-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    shutil.copy(tmp_path / "copy.db", path)
    with closing(SQLiteStore(path)) as store:
        assert store.bounds(LOCATION).epoch != before
        with store.view(LOCATION) as view:
            assert view.watermark is not None, "what was folded stays"
            assert view.watermark.cursor.epoch == view.epoch
        assert whole(store) == old
        new = fill(store, "new", 14, 13, 12, 2)
        assert whole(store) == old + new
        assert archive(store, 10) == 11
        assert whole(store) == old + new
        assert archive(store, 3) == 16
        assert whole(store) == old + new
    with closing(SQLiteStore(path)) as store:
        assert whole(store) == old + new
