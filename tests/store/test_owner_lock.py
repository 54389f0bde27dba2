"""One process at a time has a store: a second one says who holds it, and any death frees it."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from jorge_data.errors import StoreError, StoreTaken
from jorge_data.store import SQLiteStore
from jorge_data.store.sqlite import owner_lock
from jorge_data.store.sqlite.owner_lock import OwnerLock, owner_of
from tests.store.office import contents, keep
from tests.waiting import wait_until

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(owner_lock.OwnerLock.__init__, "__defaults__", (0.2,))


@contextmanager
def publishing(path: Path) -> Iterator[subprocess.Popen[str]]:
    """A process that holds the store and publishes into it."""
    command = [sys.executable, "-m", "tests.store.publisher", str(path), "0"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        process.stdout.readline()
        try:
            yield process
        finally:
            process.kill()


def test_a_second_process_is_told_who_holds_the_store(tmp_path: Path) -> None:
    path = tmp_path / "events.db"
    with publishing(path) as process, pytest.raises(StoreTaken, match=rf"held by process {process.pid} on .*, since "):
        SQLiteStore(path)


def test_a_killed_owner_frees_the_store(tmp_path: Path) -> None:
    path = tmp_path / "events.db"
    with publishing(path) as process:
        process.kill()
        process.wait(10)
        with closing(SQLiteStore(path)) as store:
            assert contents(store, "a")


def test_a_new_owner_waits_for_one_that_is_ending(tmp_path: Path) -> None:
    path = tmp_path / "events.db"
    store = SQLiteStore(path)
    store.announce_end()
    owner = owner_of(path)
    assert owner is not None
    assert (owner.pid, owner.ending) == (os.getpid(), True)
    store.close()
    with closing(SQLiteStore(path)) as again:
        keep(again, "a", "e1")


@pytest.mark.parametrize("name", ["link.db", "sub/../events.db"])
def test_two_names_of_one_file_are_one_store(tmp_path: Path, name: str) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "link.db").symlink_to("events.db")
    with closing(SQLiteStore(tmp_path / "events.db")), pytest.raises(StoreTaken):
        SQLiteStore(tmp_path / name)


def test_a_file_with_a_second_name_is_no_store(tmp_path: Path) -> None:
    SQLiteStore(tmp_path / "events.db").close()
    os.link(tmp_path / "events.db", tmp_path / "hard.db")
    with pytest.raises(StoreError, match="a second name"):
        SQLiteStore(tmp_path / "hard.db")
    assert not (tmp_path / "hard.db-mark").exists()


def test_an_owner_makes_its_lock_anew_where_somebody_removed_it(tmp_path: Path) -> None:
    lock = OwnerLock(tmp_path / "events.db")
    lock.path.unlink()
    assert lock.hold_on()
    with pytest.raises(StoreTaken):
        OwnerLock(tmp_path / "events.db")
    lock.release()
    OwnerLock(tmp_path / "events.db").release()


def test_an_owner_whose_store_was_taken_stores_nothing_more(tmp_path: Path) -> None:
    path, states = tmp_path / "events.db", dict[str, tuple[str, str]]()
    with closing(SQLiteStore(path, report=lambda name, state, why: states.update({name: (state, why)}))) as store:
        keep(store, "a", "e1")
        path.with_name("events.db-lock").unlink()
        taken = OwnerLock(path)
        wait_until(lambda: states["store"][0] == "failed")
        with pytest.raises(StoreError, match="another process has taken the store"):
            keep(store, "a", "e2")
        taken.release()


def test_a_forked_child_does_not_hold_its_parents_store(tmp_path: Path) -> None:
    lock = OwnerLock(tmp_path / "events.db")
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(writing)
        os.read(reading, 1)  # lives on until its parent lets it go
        os._exit(0)
    lock.release()
    OwnerLock(tmp_path / "events.db").release()
    os.close(writing)
    os.close(reading)
    os.waitpid(child, 0)


def test_a_lock_whose_file_was_taken_away_does_not_keep_its_name(tmp_path: Path) -> None:
    first = OwnerLock(tmp_path / "events.db")
    first.path.unlink()
    second = OwnerLock(tmp_path / "events.db")
    with pytest.raises(StoreTaken):
        OwnerLock(tmp_path / "events.db")
    for lock in (first, second):
        lock.release()
