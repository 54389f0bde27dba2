import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from jorge_data.bots.spool import MAX_REFUSED, Spool
from jorge_data.errors import SpoolError, SpoolFull, SpoolTaken


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "spool.db"


@pytest.fixture
def spool(path: Path) -> Iterator[Spool]:
    opened = Spool(path, limit=2000)
    yield opened
    opened.close()


def bodies(spool: Spool) -> list[bytes]:
    return [event.body for event in spool.oldest()]


def test_what_was_added_waits_in_order(spool: Spool) -> None:
    for body in (b"1", b"2", b"3"):
        spool.add(body)
    assert bodies(spool) == [b"1", b"2", b"3"]
    assert spool.pending == 3


def test_a_publish_holds_at_most_500_events(spool: Spool) -> None:
    for number in range(501):
        spool.add(b"%d" % number)
    assert len(spool.oldest()) == 500


def test_a_publish_holds_at_most_one_mebibyte(spool: Spool) -> None:
    for _ in range(20):
        spool.add(b"x" * 60_000)
    taken = bodies(spool)
    assert len(b"[" + b",".join(taken) + b"]") <= 1 << 20
    assert len(taken) == 17


def test_what_is_settled_is_gone_and_what_came_meanwhile_is_not(spool: Spool) -> None:
    spool.add(b"1")
    batch = spool.oldest()
    spool.add(b"2")
    spool.acknowledge(batch)
    assert bodies(spool) == [b"2"]
    assert spool.pending == 1


def test_what_waits_is_found_by_the_next_to_open_the_file(path: Path, spool: Spool) -> None:
    spool.add(b"1")
    spool.close()
    again = Spool(path, limit=1)
    assert bodies(again) == [b"1"]
    assert again.pending == 1
    again.close()


def test_a_full_spool_refuses_the_next_and_keeps_what_it_has(path: Path) -> None:
    spool = Spool(path, limit=2)
    spool.add(b"1")
    spool.add(b"2")
    with pytest.raises(SpoolFull, match=r"spool\.db holds 2 events that are not delivered yet"):
        spool.add(b"3")
    assert bodies(spool) == [b"1", b"2"]
    spool.acknowledge(spool.oldest(1))
    spool.add(b"3")
    assert bodies(spool) == [b"2", b"3"]
    spool.close()


def test_the_refused_are_kept_aside_with_their_reason(spool: Spool) -> None:
    for body in (b"1", b"2", b"3"):
        spool.add(body)
    batch = spool.oldest()
    spool.acknowledge(batch, [(batch[1], "no such kind")])
    assert spool.refused() == [(b"2", "no such kind")]
    spool.discard_refused()
    assert spool.refused() == []


def test_of_too_many_refused_the_oldest_are_dropped(spool: Spool) -> None:
    for number in range(MAX_REFUSED + 500):
        spool.add(b"%d" % number)
    while batch := spool.oldest():
        spool.acknowledge(batch, [(event, "no") for event in batch])
    refused = [int(body) for body, _ in spool.refused()]
    assert refused == list(range(500, MAX_REFUSED + 500))


def test_a_spool_has_one_owner(path: Path, spool: Spool) -> None:
    with pytest.raises(SpoolTaken, match=r"spool\.db is held by another publisher: give each one a spool of its own"):
        Spool(path, limit=1)
    spool.add(b"1")
    assert bodies(spool) == [b"1"]


def test_a_file_that_is_no_spool_is_named_and_left_alone(path: Path) -> None:
    path.parent.mkdir()
    path.write_text("shopping list: " + "eggs, " * 200)
    with pytest.raises(SpoolError, match=r"spool\.db: file is not a database"):
        Spool(path, limit=1)
    assert path.read_text().startswith("shopping list")


def test_a_closed_spool_says_so(spool: Spool) -> None:
    spool.close()
    with pytest.raises(SpoolError, match=r"spool\.db is closed"):
        spool.add(b"1")


def test_only_its_user_may_read_it(path: Path, spool: Spool) -> None:
    spool.add(b"what a contact said")
    assert {oct(file.stat().st_mode & 0o077) for file in path.parent.iterdir()} == {"0o0"}


def test_after_a_fork_the_spool_is_the_parents_alone(path: Path, spool: Spool) -> None:
    spool.add(b"before")
    child = os.fork()
    if not child:
        try:
            spool.add(b"from the child")
        except SpoolError:
            os._exit(7)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 7
    spool.add(b"after")
    assert bodies(spool) == [b"before", b"after"]
    spool.close()
    with sqlite3.connect(path) as reader:
        assert reader.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    reader.close()
