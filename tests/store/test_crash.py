"""Killed, or without power, at any moment: what was acknowledged is there, in order, without a gap."""

import random
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

from jorge_data.store import SQLiteStore
from tests.store.office import contents, event, keep

ROOT = Path(__file__).parents[2]


def kill_after(path: Path, life: int, acks: int) -> tuple[int, int]:
    """Run a publisher, kill it after so many answers; return the newest positions that it saw acknowledged."""
    command = [sys.executable, "-m", "tests.store.publisher", str(path), str(life)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(acks)]
        process.kill()
        lines += process.stdout.readlines()
    whole = [line for line in lines if line.endswith("\n")]
    a, b = whole[-1].split()
    return int(a.split(",")[-1]), int(b)


def verdict(path: Path) -> str:
    with closing(sqlite3.connect(path)) as connection:
        return str(connection.execute("PRAGMA integrity_check").fetchone()[0])


def test_killed_at_any_moment_every_acknowledged_event_is_there(tmp_path: Path) -> None:
    path, chance = tmp_path / "events.db", random.Random(7)
    for life in range(4):
        acked = kill_after(path, life, chance.randint(5, 120))
        with closing(SQLiteStore(path)) as store:
            for location, position in zip(("a", "b"), acked, strict=True):
                positions = [seq for seq, _ in contents(store, location)]
                assert positions == list(range(1, store.bounds(location).top + 1))
                assert len(positions) >= position
        assert verdict(path) == "ok"


def test_cut_off_anywhere_after_an_answer_the_log_still_holds_what_was_answered(tmp_path: Path) -> None:
    path, chance = tmp_path / "events.db", random.Random(7)
    wal = path.with_name("events.db-wal")
    with closing(SQLiteStore(path)) as store:
        sizes = [wal.stat().st_size]
        for number in range(20):
            keep(store, "a", f"e{number}")
            sizes.append(wal.stat().st_size)
        assert sizes == sorted(sizes), "no checkpoint yet: what is on disk is the log as it grew"
        images = [path.read_bytes(), wal.read_bytes()]
    for acked, (size, after) in enumerate(zip(sizes, [*sizes[1:], sizes[-1]], strict=True)):
        cut = chance.randint(size, after)
        garbage = chance.randbytes(4096) if acked % 2 else b""
        assert power_cut(tmp_path / f"cut-{acked}", images[0], images[1][:cut] + garbage) >= acked


def power_cut(folder: Path, database: bytes, wal: bytes) -> int:
    """Start on what the disk held; return how many events came back, without a gap."""
    folder.mkdir()
    path = folder / "events.db"
    path.write_bytes(database)
    path.with_name("events.db-wal").write_bytes(wal)
    with closing(SQLiteStore(path)) as store:
        positions = [seq for seq, _ in contents(store, "a")]
        assert positions == list(range(1, len(positions) + 1))
        store.append("a", [event("after")]).result(10)
    assert verdict(path) == "ok"
    shutil.rmtree(folder)
    return len(positions)
