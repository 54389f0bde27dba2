"""A log that does not go on where it ended begins a new epoch, whoever put which copy back, and however."""

import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from jorge_data.store import SQLiteStore
from jorge_data.store.sqlite.mark import LAG_S, Mark
from tests.store.office import contents, keep
from tests.waiting import wait_until

ROOT = Path(__file__).parents[2]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "var").mkdir()
    return tmp_path / "var" / "events.db"


def publish(path: Path, *names: str, location: str = "a") -> str:
    """Publish in a life of its own; return the log's epoch."""
    with closing(SQLiteStore(path)) as store:
        keep(store, location, *names)
        return store.bounds(location).epoch


def names(prefix: str, count: int) -> list[str]:
    return [f"{prefix}{number}" for number in range(count)]


def epoch(path: Path, location: str = "a") -> str:
    with closing(SQLiteStore(path)) as store:
        return store.bounds(location).epoch


def backup(path: Path, to: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("VACUUM INTO ?", (str(to),))


def copied_back(path: Path, copy: Path) -> None:
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    shutil.copy(copy, path)


def folder_copied_back(path: Path, copy: Path) -> None:
    shutil.rmtree(path.parent)
    shutil.copytree(copy.parent / "var", path.parent)  # with its times, as `cp -a` does


def folder_copied_over(path: Path, copy: Path) -> None:
    written_at = Mark(copy.parent / "var" / path.name).written_at or 0
    wait_until(lambda: time.time() - written_at / 1e6 > LAG_S)  # a file that changed so soon is taken for a slow write
    shutil.copytree(copy.parent / "var", path.parent, dirs_exist_ok=True)


def without_its_mark(path: Path, copy: Path) -> None:
    folder_copied_back(path, copy)
    path.with_name("events.db-mark").unlink()


Restore = Callable[[Path, Path], None]


@pytest.mark.parametrize("restore", [copied_back, folder_copied_back, folder_copied_over, without_its_mark])
@pytest.mark.parametrize("more", [0, 5, 60])
def test_a_copy_that_was_put_back_begins_a_new_epoch(path: Path, tmp_path: Path, restore: Restore, more: int) -> None:
    before = publish(path, *names("old", 100))
    copy = tmp_path / "copy" / "backup.db"
    copy.parent.mkdir()
    backup(path, copy)
    shutil.copytree(path.parent, copy.parent / "var")
    assert publish(path, *names("lost", 50)) == before
    restore(path, copy)
    with closing(SQLiteStore(path)) as store:
        after = store.bounds("a").epoch
        assert after != before
        if more:
            keep(store, "a", *names("new", more))
        assert store.bounds("a").top == 100 + more
    assert epoch(path) == after, "it goes on from here"


def test_a_copy_that_went_on_elsewhere_begins_a_new_epoch_though_it_is_longer(path: Path, tmp_path: Path) -> None:
    before = publish(path, *names("old", 10))
    elsewhere = tmp_path / "elsewhere" / "events.db"
    elsewhere.parent.mkdir()
    backup(path, elsewhere)
    assert publish(path, *names("here", 5)) == before
    with closing(sqlite3.connect(elsewhere)) as connection:  # by a program that knows of no mark
        connection.execute("UPDATE events SET seq = seq + 20 WHERE seq > 5")
        connection.execute("UPDATE logs SET top = 30")
        connection.execute(
            "INSERT INTO events (log, seq, source, id, type, subject, time, body)"
            " SELECT log, seq - 20, source, id || 'x', type, subject, time, body FROM events WHERE seq > 20"
        )
        connection.execute(
            "INSERT INTO events (log, seq, source, id, type, subject, time, body)"
            " SELECT log, 15, source, 'other', type, subject, time, body FROM events WHERE seq = 1"
        )
        connection.commit()
    copied_back(path, elsewhere)
    assert epoch(path) != before


def test_every_ordinary_end_goes_on_in_the_same_epoch(path: Path) -> None:
    first = publish(path, "e1", "e2")
    assert publish(path, "e3") == first
    command = [sys.executable, "-m", "tests.store.publisher", str(path), "1"]
    for _ in range(3):
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            acked = [process.stdout.readline() for _ in range(5)][-1]
            process.kill()
        with closing(SQLiteStore(path)) as store:
            assert not store.ended_in_order
            assert store.last_alive is not None
            assert store.bounds("a").epoch == first
            assert store.bounds("a").top >= int(acked.split()[0].split(",")[-1])
    assert epoch(path) == first


def test_a_store_from_before_there_was_a_mark_goes_on(path: Path) -> None:
    before = publish(path, "e1")
    path.with_name("events.db-mark").unlink()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("DELETE FROM store")
        connection.commit()
    assert epoch(path) == before


def test_a_location_that_was_removed_and_begun_anew_is_no_break(path: Path) -> None:
    publish(path, "e1", "e2")
    with closing(SQLiteStore(path)) as store:
        store.drop("a").result(10)
        keep(store, "b", "e1")
        begun = store.bounds("b").epoch
    assert epoch(path, "b") == begun


def test_a_new_epoch_is_told_in_the_audit_log(path: Path, tmp_path: Path) -> None:
    publish(path, "e1")
    path.with_name("events.db-mark").unlink()
    with closing(SQLiteStore(path)) as store:
        (entry,) = store.audit.newest(None, 10)
        assert (entry.act.act, entry.act.by, entry.act.what) == (
            "epoch.begin",
            "event-server",
            "a: its mark is missing",
        )
        assert contents(store, "a") == [(1, "e1")]
