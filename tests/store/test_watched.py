"""What happens to the files or the disk while a store is open: nothing is acknowledged that would not be there."""

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import pytest

from jorge_data.errors import StoreError
from jorge_data.store import SQLiteStore
from tests.store.office import event, keep
from tests.waiting import wait_until


class States:
    """The newest state of each part."""

    def __init__(self) -> None:
        self.of: dict[str, tuple[str, str]] = {}

    def __call__(self, name: str, state: str, why: str) -> None:
        self.of[name] = state, why


@pytest.fixture
def states() -> States:
    return States()


@pytest.fixture
def store(tmp_path: Path, states: States) -> Iterator[SQLiteStore]:
    with closing(SQLiteStore(tmp_path / "events.db", report=states)) as opened:
        keep(opened, "a", "e1")
        yield opened


def delete(path: Path) -> None:
    path.unlink()


def delete_log(path: Path) -> None:
    path.with_name(f"{path.name}-wal").unlink()


def delete_folder(path: Path) -> None:
    path.parent.rename(path.parent.with_name(f"{path.parent.name}-elsewhere"))


def replace(path: Path) -> None:
    shutil.copy(path, path.with_name("copy"))
    os.replace(path.with_name("copy"), path)


def cut_off(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def cut_off_log(path: Path) -> None:
    os.truncate(path.with_name(f"{path.name}-wal"), 0)


def copy_over(path: Path) -> None:
    path.write_bytes(path.read_bytes())


def restore_into(path: Path) -> None:
    """Put a backup back by SQLite's own means, which leaves the file what it was, with another content."""
    with closing(sqlite3.connect(path)) as connection, closing(sqlite3.connect(path.with_name("backup.db"))) as backup:
        connection.backup(backup)
        backup.backup(connection)


Harm = Callable[[Path], None]

WORDS: dict[Harm, str] = {
    delete: "was deleted",
    delete_log: "was deleted",
    delete_folder: "was deleted",
    replace: "was replaced",
    cut_off: "was cut off",
    cut_off_log: "was cut off",
    copy_over: "another program has written",
    restore_into: "another program has written",
}


@pytest.mark.parametrize("harm", WORDS)
def test_nothing_is_acknowledged_any_more(store: SQLiteStore, states: States, harm: Harm) -> None:
    assert states.of["store"] == ("ok", "")
    harm(store.path)
    for name in ("e2", "e3"):
        with pytest.raises(StoreError, match=WORDS[harm]):
            keep(store, "a", name)
    state, why = states.of["store"]
    assert state == "failed"
    assert WORDS[harm] in why
    assert str(store.path.parent) not in why


@pytest.mark.parametrize("harm", WORDS)
def test_it_is_seen_without_a_publish(store: SQLiteStore, states: States, harm: Harm) -> None:
    harm(store.path)
    wait_until(lambda: states.of["store"][0] == "failed")
    assert WORDS[harm] in states.of["store"][1]


def test_readers_beside_it_are_no_harm(store: SQLiteStore, states: States) -> None:
    from jorge_data.store.sqlite.backup import back_up

    for number in range(2, 6):
        back_up(store.path, store.path.with_name(f"backup{number}"), lambda share, note: None)
        assert store.path.read_bytes()
        keep(store, "a", f"e{number}")
    assert states.of["store"] == ("ok", "")


@contextmanager
def small_disk(folder: Path, megabytes: int) -> Iterator[Path]:
    """A file system of its own, of so many megabytes."""
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(folder)], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def may_mount() -> bool:
    return os.geteuid() == 0 and shutil.which("mount") is not None


def fill(folder: Path) -> Path:
    """Leave no room on a disk."""
    path = folder / "ballast"
    with path.open("wb", buffering=0) as file, suppress(OSError):  # what is left in a buffer fails once more at the end
        while True:
            file.write(bytes(1 << 16))
    return path


@pytest.mark.skipif(not may_mount(), reason="a disk of its own needs root")
def test_a_full_disk_and_its_end_are_seen_without_a_publish(tmp_path: Path, states: States) -> None:
    with small_disk(tmp_path / "disk", 120) as disk, closing(SQLiteStore(disk / "events.db", report=states)) as store:
        keep(store, "a", "e1")
        assert states.of["store"] == ("ok", "")
        ballast = fill(disk)
        wait_until(lambda: states.of["store"][0] == "failed")
        assert states.of["store"][1] == "events cannot be stored: the disk is full"
        with pytest.raises(StoreError):
            store.append("a", [event(f"big{n}", pad="x" * 60_000) for n in range(30)]).result(10)
        ballast.unlink()
        wait_until(lambda: states.of["store"] == ("ok", ""))
        assert keep(store, "a", "e2")[0].cursor.seq == 2


def test_a_lock_of_another_program_and_its_end_are_seen(store: SQLiteStore, states: States) -> None:
    with closing(sqlite3.connect(store.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        for number in (1, 2, 3):
            with pytest.raises(StoreError, match="locked"):
                store.append("a", [event(f"e{number}")]).result(5)
        assert states.of["store"] == ("failed", "events cannot be stored: another program has the store's file locked")
        other.execute("ROLLBACK")
        wait_until(lambda: states.of["store"] == ("ok", ""))
    assert keep(store, "a", "e2")[0].cursor.seq == 2


def test_a_failed_commit_is_told_until_one_succeeds(store: SQLiteStore, states: States) -> None:
    pages = store.writer.run(lambda connection: connection.exec_driver_sql("PRAGMA page_count").scalar_one()).result(10)

    def limit(to: int) -> None:
        store.writer.run(lambda connection: connection.exec_driver_sql(f"PRAGMA max_page_count={to}")).result(10)

    limit(pages + 2)
    with pytest.raises(StoreError, match="full"):
        store.append("a", [event(f"big{n}", pad="x" * 60_000) for n in range(5)]).result(10)
    assert states.of["store"][0] == "failed"
    limit(1_000_000)
    keep(store, "a", "e2")
    assert states.of["store"] == ("ok", "")
