"""The power goes at any moment, and with it what was not synced: every acknowledged event is there, and no epoch lies.

The statements are those of the store's writer, run by a SQLite of its own whose file system forgets.
"""

import random
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple, cast

import apsw
import pytest

from jorge_data.store import SQLiteStore
from jorge_data.store.sql.writing import Submission
from jorge_data.store.sqlite.append import append
from jorge_data.store.sqlite.mark import Mark, Slot, slot
from tests.store.office import contents, event
from tests.store.unsynced import ForgetfulDisk

PUBLISHES = 60
EVERY = 9
"""Changes of the disk between two power cuts."""


class Cut(NamedTuple):
    """What a power cut leaves: the files, how many events were acknowledged before it, and what the mark may hold."""

    images: dict[str, bytes]
    acknowledged: int
    slots: list[dict[int, Slot]]


@pytest.fixture
def template(tmp_path: Path) -> Path:
    """A store with one event, as a start finds it."""
    path = tmp_path / "template" / "events.db"
    with closing(SQLiteStore(path)) as store:
        store.append("a", [event("e0")]).result(10)
    return path


def cuts_of(template: Path, folder: Path, seed: int) -> list[Cut]:
    """Publish on a disk that forgets, and return what power cuts at many moments would leave."""
    chance = random.Random(seed)
    folder.mkdir()
    shutil.copy(template, folder / "events.db")
    cuts: list[Cut] = []
    acknowledged, changes = 1, 0
    slots: list[dict[int, Slot]] = [{}]

    def at_change() -> None:
        nonlocal changes
        changes += 1
        if changes % EVERY == 0:
            cuts.append(Cut(disk.images(chance), acknowledged, list(slots)))

    disk = ForgetfulDisk(f"forgetful-{seed}", at_change)
    connection = apsw.Connection(str(folder / "events.db"), vfs=f"forgetful-{seed}")
    with closing(connection):
        for pragma in ("locking_mode=EXCLUSIVE", "journal_mode=WAL", "synchronous=FULL", "wal_autocheckpoint=8"):
            connection.execute(f"PRAGMA {pragma}").fetchall()
        for number in range(PUBLISHES):
            batch = [event(f"{number}-{n}", pad="x" * chance.randrange(4000)) for n in range(chance.randint(1, 9))]
            (added,) = append(cast("sqlite3.Connection", connection), [Submission("a", batch)]).added
            slots.append({added.log: slot(added.bounds.epoch, added.bounds.top, added.records[-1].wire)})
            acknowledged = added.bounds.top
            cuts.append(Cut(disk.images(chance), acknowledged, list(slots)))
    return cuts


def start(cut: Cut, slots: dict[int, Slot], folder: Path, name: str) -> tuple[list[int], str]:
    """Start on what a cut has left, beside a mark; return the positions that are there, and the log's epoch."""
    folder.mkdir()
    for file, content in cut.images.items():
        (folder / file).write_bytes(content)
    mark = Mark(folder / "events.db")
    mark.begin(name, slots)
    mark.close()
    with closing(SQLiteStore(folder / "events.db")) as store:
        positions = [seq for seq, _ in contents(store, "a")]
        epoch = store.bounds("a").epoch
        store.append("a", [event("after")]).result(10)
    with closing(sqlite3.connect(folder / "events.db")) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
    shutil.rmtree(folder)
    return positions, epoch


def named(path: Path) -> tuple[str, str]:
    """Return the store's name in its mark, and the epoch of its log."""
    with closing(sqlite3.connect(path)) as connection:
        row: tuple[Any, Any] = connection.execute("SELECT store.id, logs.epoch FROM store, logs").fetchone()
    return row


@pytest.mark.parametrize("seed", [1, 2])
def test_after_a_power_cut_every_acknowledged_event_is_there_in_its_epoch(
    template: Path, tmp_path: Path, seed: int
) -> None:
    name, epoch = named(template)
    cuts = cuts_of(template, tmp_path / "disk", seed)
    chance = random.Random(seed)
    assert len(cuts) > PUBLISHES, "some within a commit"
    for number, cut in enumerate(chance.sample(cuts, 25)):
        positions, after = start(cut, chance.choice(cut.slots[-3:]), tmp_path / f"cut-{number}", name)
        assert positions == list(range(1, len(positions) + 1))
        assert len(positions) >= cut.acknowledged
        assert after == epoch, "it goes on where it ended"


def test_a_disk_that_lost_what_it_had_synced_is_found_out(template: Path, tmp_path: Path) -> None:
    name, epoch = named(template)
    cuts = cuts_of(template, tmp_path / "disk", 3)
    late = cuts[-1].slots[-1]
    for number, cut in enumerate(cuts[5::40]):
        positions, after = start(cut, late, tmp_path / f"cut-{number}", name)
        assert len(positions) < late[1].top
        assert after != epoch
