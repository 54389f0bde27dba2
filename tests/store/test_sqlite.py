"""What is SQLite's own: its settings, its tables, and what happens when a commit fails."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, insert
from sqlalchemy.exc import OperationalError

from jorge_data import store as package
from jorge_data.errors import StoreError
from jorge_data.store import SQLiteStore
from jorge_data.store.sql.tables import crm_entities, metadata
from jorge_data.store.sql.writing import Task
from tests.store.office import contents, event, keep


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "events.db"


@pytest.fixture
def store(path: Path) -> Iterator[SQLiteStore]:
    with closing(SQLiteStore(path)) as opened:
        yield opened


def in_writer(store: SQLiteStore, statement: str) -> Any:
    """Return what the writing connection answers."""
    task = Task(lambda connection: connection.exec_driver_sql(statement).scalar())
    store.writer.put(task)
    return task.done.result(10)


def poison(store: SQLiteStore, table: str, event_of: str = "INSERT") -> None:
    """Make a write fail for as long as the trigger stands."""
    statement = f"CREATE TRIGGER poison BEFORE {event_of} ON {table} BEGIN SELECT RAISE(ABORT, 'poisoned'); END"
    store.writer.run(lambda connection: connection.exec_driver_sql(statement)).result(10)


def cure(store: SQLiteStore) -> None:
    store.writer.run(lambda connection: connection.exec_driver_sql("DROP TRIGGER poison")).result(10)


def test_every_commit_reaches_the_disk_before_it_is_acknowledged(store: SQLiteStore) -> None:
    assert in_writer(store, "PRAGMA journal_mode") == "wal"
    assert in_writer(store, "PRAGMA synchronous") == 2, "FULL: the write-ahead log is synced at each commit"
    assert in_writer(store, "PRAGMA foreign_keys") == 1


def test_a_reader_can_neither_write_nor_checkpoint(store: SQLiteStore) -> None:
    keep(store, "a", "e1")
    with store._reading.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA query_only").scalar() == 1
        assert connection.exec_driver_sql("PRAGMA wal_autocheckpoint").scalar() == 0
        with pytest.raises(OperationalError, match="readonly"):
            connection.exec_driver_sql("DELETE FROM events")


def test_a_reader_cannot_write_even_where_it_is_not_asked_to_refrain(store: SQLiteStore) -> None:
    with store._reading.connect() as connection:
        connection.exec_driver_sql("PRAGMA query_only=OFF")
        with pytest.raises(OperationalError, match="readonly"):
            connection.exec_driver_sql("DELETE FROM events")
        connection.invalidate()


def test_migrations_bring_an_empty_file_to_what_the_tables_say(store: SQLiteStore) -> None:
    def made(connection: Connection) -> dict[tuple[str, str], str]:
        """Return the SQL of every table, index and trigger."""
        rows = connection.exec_driver_sql("SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL")
        return {(kind, name): " ".join(sql.split()) for kind, name, sql in rows if name != "alembic_version"}

    task = Task(made)
    store.writer.put(task)
    migrated = task.done.result(10)
    with closing(create_engine("sqlite://").connect()) as fresh:
        metadata.create_all(fresh)
        assert migrated == made(fresh)
    assert {kind for kind, _ in migrated} == {"table", "index", "trigger"}


def test_a_store_at_the_newest_version_is_left_as_it_is(path: Path) -> None:
    for name in ("e1", "e2"):
        with closing(SQLiteStore(path)) as store:
            keep(store, "a", name)
            versions = ScriptDirectory(str(Path(package.__file__).with_name("migrations")))
            assert in_writer(store, "SELECT version_num FROM alembic_version") == versions.get_current_head()
            assert in_writer(store, "SELECT count(*) FROM alembic_version") == 1


def test_the_folder_is_made_and_may_have_any_name(tmp_path: Path) -> None:
    path = tmp_path / "a b" / "50% ü#?" / "events.db"
    with closing(SQLiteStore(path)) as store:
        keep(store, "a", "e1")
        assert contents(store, "a") == [(1, "e1")]
        assert store.size > 0
    assert path.is_file()


@pytest.mark.parametrize("broken", [("events", "INSERT"), ("logs", "UPDATE")])
def test_a_commit_that_fails_is_told_and_leaves_no_hole(
    store: SQLiteStore, path: Path, broken: tuple[str, str]
) -> None:
    keep(store, "a", "e1")
    poison(store, *broken)
    failed = [store.append("a", [event(name)]) for name in ("lost", "gone")]
    for future in failed:
        with pytest.raises(StoreError, match=r"could not commit: .*poisoned"):
            future.result(10)
    with pytest.raises(StoreError, match="could not commit"):
        keep(store, "new", "e1")
    assert contents(store, "a") == [(1, "e1")]
    cure(store)
    assert [(each.cursor.seq, each.duplicate) for each in keep(store, "a", "e2", "lost")] == [(2, False), (3, False)]
    assert contents(store, "a") == [(1, "e1"), (2, "e2"), (3, "lost")]


def test_a_full_disk_is_told_and_survived(store: SQLiteStore) -> None:
    keep(store, "a", "e1")
    pages = in_writer(store, "PRAGMA page_count")
    in_writer(store, f"PRAGMA max_page_count={pages + 2}")
    with pytest.raises(StoreError, match="full"):
        store.append("a", [event(f"big{n}", pad="x" * 60_000) for n in range(5)]).result(10)
    in_writer(store, "PRAGMA max_page_count=1000000")
    assert keep(store, "a", "e2")[0].cursor.seq == 2


def test_another_write_that_fails_is_told_too(store: SQLiteStore, path: Path) -> None:
    keep(store, "a", "e1")
    poison(store, "events", "DELETE")
    with pytest.raises(StoreError, match=r"could not write: .*poisoned"):
        store.drop("a").result(10)
    cure(store)
    assert contents(store, "a") == [(1, "e1")], "it is dropped whole or not at all"


def test_what_is_no_store_is_told_in_a_sentence(tmp_path: Path) -> None:
    junk = tmp_path / "junk.db"
    junk.write_bytes(b"no database at all " * 500)
    with pytest.raises(StoreError, match=r"junk\.db cannot be opened as a store: file is not a database"):
        SQLiteStore(junk)
    with pytest.raises(StoreError, match=r"cannot be opened as a store: .*Not a directory|File exists"):
        SQLiteStore(junk / "events.db")


def test_a_read_that_fails_is_told(store: SQLiteStore, path: Path) -> None:
    keep(store, "a", "e1")
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("ALTER TABLE logs RENAME TO hidden")
    with pytest.raises(StoreError, match=r"the store could not read: .*no such table"):
        store.bounds("a")


def test_a_failure_is_told_without_the_statement_and_what_was_written(store: SQLiteStore, path: Path) -> None:
    keep(store, "a", "e1")
    poison(store, "crm_entities", "INSERT")
    copy = {"location": "a", "kind": "contact", "id": "c1", "body": '{"name": "Maria"}'}
    with pytest.raises(StoreError) as unwritten:
        store.writer.run(lambda connection: connection.execute(insert(crm_entities), copy)).result(10)
    cure(store)
    assert str(unwritten.value) == "the store could not write: poisoned"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("ALTER TABLE logs RENAME TO hidden")
    with pytest.raises(StoreError) as unread:
        store.bounds("office-of-maria")
    assert str(unread.value) == "the store could not read: no such table: logs"
    assert "office-of-maria" not in str(unread.value.__cause__), "which a log prints"


def test_the_moment_is_kept_to_the_microsecond_however_long_ago(store: SQLiteStore) -> None:
    candidates = [event(name) for name in "abcd"]
    start = datetime(1, 1, 1, tzinfo=UTC)
    timed = [
        replace(candidate, event=candidate.event._replace(time=start.replace(microsecond=fraction)))
        for candidate, fraction in zip(candidates, (0, 1, 123_457, 999_999), strict=True)
    ]
    store.append("a", timed).result(10)
    assert (
        in_writer(store, "SELECT group_concat(time + 62135596800000000) FROM events ORDER BY seq")
        == "0,1,123457,999999"
    )
