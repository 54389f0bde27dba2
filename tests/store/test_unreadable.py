"""What the disk gives back as something else than was written is passed over, told once, and ends nothing."""

import random
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from jorge_data.errors import StoreError
from jorge_data.store import Hole, SQLiteStore
from tests.store.damage import PAGE, break_bytes, break_page, is_leaf, on_leaf, page_of
from tests.store.office import event, keep

COUNT = 200


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "events.db"
    with closing(SQLiteStore(path)) as store:
        store.append("a", [event(f"e{number}", pad="x" * 200) for number in range(1, COUNT + 1)]).result(10)
    return path


class Told:
    """What a store says of itself."""

    def __init__(self) -> None:
        self.states: dict[str, tuple[str, str]] = {}
        self.holes: list[tuple[str, Hole]] = []

    def report(self, name: str, state: str, why: str) -> None:
        self.states[name] = state, why

    def unreadable(self, location: str, epoch: str, hole: Hole) -> None:
        self.holes.append((location, hole))


def read_all(store: SQLiteStore, limit: int, types: frozenset[str] | None = None) -> tuple[list[int], list[Hole]]:
    """Read a log page by page, as a reader does; return the positions that were read, and what was passed over."""
    seqs: list[int] = []
    holes: list[Hole] = []
    position = 0
    while position < store.bounds("a").top:
        page = store.read("a", position, limit, types)
        assert page.position > position, "every page leads on"
        seqs += [record.seq for record in page.records]
        if page.unreadable is not None:
            holes.append(page.unreadable)
            assert page.position == page.unreadable.last
        position = page.position
    return seqs, holes


def missing(seqs: list[int], holes: list[Hole]) -> list[int]:
    """Return the positions in holes; check that none was read as well, and that all are one or the other."""
    lost = [seq for hole in holes for seq in range(hole.first, hole.last + 1)]
    assert sorted([*seqs, *lost]) == list(range(1, COUNT + 1))
    return lost


@pytest.mark.parametrize("limit", [1, 7, 300])
@pytest.mark.parametrize("types", [None, frozenset({"bot_status_update"})])
def test_a_damaged_page_is_passed_over_and_told_once(path: Path, limit: int, types: frozenset[str] | None) -> None:
    break_page(path, "e100")
    told = Told()
    with closing(SQLiteStore(path, report=told.report, unreadable=told.unreadable)) as store:
        assert told.states["log"] == ("ok", "")
        seqs, holes = read_all(store, limit, types)
        assert len(holes) == 1, "what follows on one another is one"
        assert 100 in missing(seqs, holes)
        assert read_all(store, limit, types) == (seqs, holes)
        assert told.holes == [("a", holes[0])]
        assert told.states["log"][0] == "degraded"
        assert told.states["store"] == ("ok", ""), "what is new is kept all the same"
        assert keep(store, "a", "after")[0].cursor.seq == COUNT + 1


@pytest.mark.parametrize(
    "noise", [b"\xff\xfe\xfd", b'"id" "x', b"\x00" * 8, b"}}}}}}"], ids=["not text", "no", "nul", "end"]
)
def test_an_event_whose_bytes_have_changed_is_passed_over(path: Path, noise: bytes) -> None:
    break_bytes(path, "e42", noise)
    with closing(SQLiteStore(path)) as store:
        seqs, holes = read_all(store, 50)
        assert missing(seqs, holes) == [42]


def test_a_log_that_cannot_be_read_to_its_end_ends_in_a_hole(path: Path) -> None:
    break_page(path, f"e{COUNT}")
    with closing(SQLiteStore(path)) as store:
        seqs, holes = read_all(store, 30)
        assert missing(seqs, holes)[-1] == COUNT


def test_several_damaged_pages_are_several_holes(path: Path) -> None:
    names = [on_leaf(path, number) for number in (30, 90, 150)]
    for name in names:
        break_page(path, name)
    told = Told()
    with closing(SQLiteStore(path, unreadable=told.unreadable)) as store:
        seqs, holes = read_all(store, 500)
        assert {int(name[1:]) for name in names} <= set(missing(seqs, holes))
        assert len(told.holes) == len(holes) == 3


def test_a_large_event_whose_later_pages_are_damaged_is_passed_over(path: Path) -> None:
    with closing(SQLiteStore(path)) as store:
        store.append("b", [event("small"), event("large", pad="y" * 20_000), event("last")]).result(10)
    content = bytearray(path.read_bytes())
    inside = content.index(b"y" * (PAGE - 8))
    content[inside : inside + 4000] = bytes(4000)
    path.write_bytes(content)
    with closing(SQLiteStore(path)) as store:
        page = store.read("b", 0, 10)
        assert ([record.seq for record in page.records], page.unreadable) == ([1], Hole(2, 2))
        assert [record.seq for record in store.read("b", page.position, 10).records] == [3]


@pytest.mark.parametrize("seed", range(6))
def test_damage_anywhere_in_the_events_never_changes_what_is_read(path: Path, seed: int) -> None:
    with closing(SQLiteStore(path)) as store:
        right = {record.seq: record.wire for record in store.read("a", 0, COUNT).records}
    chance = random.Random(seed)
    content = bytearray(path.read_bytes())
    pages = sorted({page_of(content, f"e{number}") // PAGE for number in range(1, COUNT + 1)})
    pages = [page for page in pages if is_leaf(content, page * PAGE)]
    for page in chance.sample(pages, 3):
        content[page * PAGE : page * PAGE + PAGE] = chance.choice([bytes(PAGE), chance.randbytes(PAGE)])
    path.write_bytes(content)
    with closing(SQLiteStore(path)) as store:
        position, read = 0, dict[int, Any]()
        while position < COUNT:
            page_read = store.read("a", position, 60)
            read |= {record.seq: record.wire for record in page_read.records}
            position = page_read.position
        assert read
        assert read == {seq: right[seq] for seq in read}


def test_a_damaged_index_stops_publishing_with_its_reason(path: Path) -> None:
    content = bytearray(path.read_bytes())
    begin = content.index(b"testse100") // PAGE * PAGE  # of the names, by which a repeat is known
    content[begin : begin + PAGE] = random.Random(1).randbytes(PAGE)
    path.write_bytes(content)
    told = Told()
    with closing(SQLiteStore(path, report=told.report)) as store:
        with pytest.raises(StoreError, match="malformed"):
            keep(store, "a", "e100")
        why = "events cannot be stored: part of the store's file is damaged: restore the last backup"
        assert told.states["store"] == ("failed", why)
        assert len(read_all(store, 300)[0]) == COUNT, "what is stored can be read all the same"
