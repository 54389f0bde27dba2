"""Old events in files: each once, by the office's days, whatever was broken off."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pyarrow.parquet as pq
import pytest

from jorge_data.errors import StoreError
from jorge_data.events import Cursor, Reception, Record, admit, place
from jorge_data.store import Archive

AUSTIN = ZoneInfo("America/Chicago")
FIRST = datetime(2026, 3, 8, 12, 0, tzinfo=UTC)
ALWAYS = (datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC))
DATA = {"component": "redis", "status": "healthy", "response_time_ms": 1}


def record(seq: int, time: datetime = FIRST, epoch: str = "e1", kind: str = "system_health_update") -> Record:
    data = DATA if kind == "system_health_update" else {"bot_type": "b", "status": "idle"}
    item = {"id": f"e{seq}", "source": "tests", "type": kind, "time": time.isoformat(), "data": data}
    return Record(seq, kind, place(admit(item, Reception(FIRST + timedelta(days=9))).body, Cursor(epoch, seq)))


def records(*seqs: int) -> list[Record]:
    return [record(seq, FIRST + timedelta(hours=8 * seq)) for seq in seqs]


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    return Archive(tmp_path / "archive")


def read(
    archive: Archive, oldest: int, start: datetime = ALWAYS[0], end: datetime = ALWAYS[1], kind: str | None = None
) -> list[Record]:
    return list(archive.read(archive.days("a", start, end), (("e1", oldest),), kind, start, end))


def seqs(items: Sequence[Record]) -> list[int]:
    return [each.seq for each in items]


def test_a_day_of_the_office_is_a_file(archive: Archive, tmp_path: Path) -> None:
    before, after = (datetime(2026, 3, 8, 5, 59, tzinfo=UTC), datetime(2026, 3, 8, 6, 0, tzinfo=UTC))
    late = datetime(2026, 3, 9, 4, 59, tzinfo=UTC)  # in summer time: the day had 23 hours
    archive.write("a", 1, [record(1, before), record(2, after), record(3, late)], AUSTIN)
    assert sorted(path.name for path in (tmp_path / "archive" / "a").iterdir()) == [
        "2026-03-07.parquet",
        "2026-03-08.parquet",
    ]
    table = pq.read_table(tmp_path / "archive" / "a" / "2026-03-08.parquet")
    assert table.column("seq").to_pylist() == [2, 3]


def test_what_was_written_is_read_byte_by_byte(archive: Archive) -> None:
    written = records(*range(1, 20))
    archive.write("a", 1, written, AUSTIN)
    assert read(archive, 20) == written
    assert archive.records("a", (("e1", 100),), 0, 100) == written
    assert archive.records("a", (("e1", 100),), 4, 3) == written[4:7]


def test_a_span_and_a_kind_can_be_asked_for(archive: Archive) -> None:
    bot = record(4, FIRST, kind="bot_status_update")
    archive.write("a", 1, [*records(1, 2, 3), bot], AUSTIN)
    start, end = FIRST + timedelta(hours=16), FIRST + timedelta(hours=24)
    assert seqs(read(archive, 9, start, end)) == [2]
    assert read(archive, 9, kind="bot_status_update") == [bot]


def test_what_comes_to_a_day_later_is_added_to_its_file(archive: Archive) -> None:
    archive.write("a", 1, [record(1), record(2)], AUSTIN)
    archive.write("a", 3, [record(3)], AUSTIN)
    assert seqs(archive.records("a", (("e1", 100),), 0, 10)) == [1, 2, 3]


def test_a_repeat_after_a_break_has_each_event_once(archive: Archive) -> None:
    archive.write("a", 1, [record(1), record(2), record(3)], AUSTIN)
    archive.write("a", 2, [record(2), record(3), record(4)], AUSTIN)  # the store had forgotten the first alone
    assert seqs(archive.records("a", (("e1", 100),), 0, 10)) == [1, 2, 3, 4]


def test_what_the_store_still_holds_is_not_read_twice(archive: Archive) -> None:
    archive.write("a", 1, [record(1), record(2), record(3)], AUSTIN)
    assert seqs(read(archive, 3)) == [1, 2]


def test_another_life_of_a_log_is_read_by_its_own_name_and_stays(archive: Archive) -> None:
    archive.write("a", 1, [record(1), record(2)], AUSTIN)
    assert archive.records("a", (("e2", 100),), 0, 10) == []
    archive.write("a", 3, [record(3, epoch="e2")], AUSTIN)
    assert seqs(archive.records("a", (("e2", 100),), 0, 10)) == [3]
    assert seqs(archive.records("a", (("e1", 100),), 0, 10)) == [1, 2], "which of them count is the reader's to say"
    assert seqs(archive.records("a", (("e1", 2), ("e2", 4)), 0, 10)) == [1, 3]


@pytest.mark.parametrize("location", ["..", ".", "...", ".hidden", "plain"])
def test_a_location_keeps_to_a_folder_of_its_own(archive: Archive, tmp_path: Path, location: str) -> None:
    archive.write(location, 1, [record(1)], AUSTIN)
    archive.write("another", 1, [record(1)], AUSTIN)
    assert len(list(tmp_path.rglob("*.parquet"))) == len(list((tmp_path / "archive").glob("*/*.parquet"))) == 2
    archive.remove(location)
    assert [path.parent.name for path in tmp_path.rglob("*.parquet")] == ["another"]


def test_a_file_that_is_none_is_named(archive: Archive, tmp_path: Path) -> None:
    archive.write("a", 1, [record(1)], AUSTIN)
    (path,) = (tmp_path / "archive" / "a").iterdir()
    path.write_bytes(b"PAR1 no more")
    with pytest.raises(StoreError, match=r"a/2026-03-08\.parquet cannot be read as an archive"):
        archive.records("a", (("e1", 100),), 0, 10)
