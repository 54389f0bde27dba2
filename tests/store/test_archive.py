"""Old events in files: each once, by the office's days, whatever was broken off."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from jorge_data.events import Cursor, Reception, Record, admit, place
from jorge_data.store import Archive
from jorge_data.store.archive.archive import DayUnreadable

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
    assert archive.records("a", (("e1", 100),), 0, 100).records == written
    assert archive.records("a", (("e1", 100),), 4, 3).records == written[4:7]


def test_a_span_and_a_kind_can_be_asked_for(archive: Archive) -> None:
    bot = record(4, FIRST, kind="bot_status_update")
    archive.write("a", 1, [*records(1, 2, 3), bot], AUSTIN)
    start, end = FIRST + timedelta(hours=16), FIRST + timedelta(hours=24)
    assert seqs(read(archive, 9, start, end)) == [2]
    assert read(archive, 9, kind="bot_status_update") == [bot]


def test_what_comes_to_a_day_later_is_added_to_its_file(archive: Archive) -> None:
    archive.write("a", 1, [record(1), record(2)], AUSTIN)
    archive.write("a", 3, [record(3)], AUSTIN)
    assert seqs(archive.records("a", (("e1", 100),), 0, 10).records) == [1, 2, 3]


def test_a_repeat_after_a_break_has_each_event_once(archive: Archive) -> None:
    archive.write("a", 1, [record(1), record(2), record(3)], AUSTIN)
    archive.write("a", 2, [record(2), record(3), record(4)], AUSTIN)  # the store had forgotten the first alone
    assert seqs(archive.records("a", (("e1", 100),), 0, 10).records) == [1, 2, 3, 4]


def test_what_the_store_still_holds_is_not_read_twice(archive: Archive) -> None:
    archive.write("a", 1, [record(1), record(2), record(3)], AUSTIN)
    assert seqs(read(archive, 3)) == [1, 2]


def test_another_life_of_a_log_is_read_by_its_own_name_and_stays(archive: Archive) -> None:
    archive.write("a", 1, [record(1), record(2)], AUSTIN)
    assert archive.records("a", (("e2", 100),), 0, 10).records == []
    archive.write("a", 3, [record(3, epoch="e2")], AUSTIN)
    assert seqs(archive.records("a", (("e2", 100),), 0, 10).records) == [3]
    former = archive.records("a", (("e1", 100),), 0, 10).records
    assert seqs(former) == [1, 2], "which of them count is the reader's to say"
    assert seqs(archive.records("a", (("e1", 2), ("e2", 4)), 0, 10).records) == [1, 3]


@pytest.mark.parametrize("location", ["..", ".", "...", ".hidden", "plain"])
def test_a_location_keeps_to_a_folder_of_its_own(archive: Archive, tmp_path: Path, location: str) -> None:
    archive.write(location, 1, [record(1)], AUSTIN)
    archive.write("another", 1, [record(1)], AUSTIN)
    assert len(list(tmp_path.rglob("*.parquet"))) == len(list((tmp_path / "archive").glob("*/*.parquet"))) == 2
    archive.remove(location)
    assert [path.parent.name for path in tmp_path.rglob("*.parquet")] == ["another"]


def truncated(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-40])


def empty(path: Path) -> None:
    path.write_bytes(b"")


def text(path: Path) -> None:
    path.write_bytes(b"PAR1 no more")


def flipped(path: Path, row_group: int = 0) -> None:
    """Turn one bit of the events, as a disk does."""
    column = pq.read_metadata(path).row_group(row_group).column(6)
    data = bytearray(path.read_bytes())
    data[(column.dictionary_page_offset + column.data_page_offset) // 2] ^= 4
    path.write_bytes(data)


def folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def other_columns(path: Path) -> None:
    pq.write_table(pa.table({"seq": [1], "name": ["another program's"]}), path)


def rows_without_events(path: Path) -> None:
    table = pq.read_table(path)
    column = table.column_names.index("event")
    pq.write_table(table.set_column(column, "event", pa.array([None] * table.num_rows, pa.string())), path)


DAMAGE = [truncated, empty, text, flipped, folder, other_columns, rows_without_events]


@pytest.mark.parametrize("damage", DAMAGE, ids=lambda each: each.__name__)
def test_of_a_file_that_cannot_be_read_the_others_are_and_it_is_named_once(
    archive: Archive, tmp_path: Path, damage: Callable[[Path], None], caplog: pytest.LogCaptureFixture
) -> None:
    written = [record(seq, FIRST + timedelta(days=seq // 10, seconds=seq)) for seq in range(1, 30)]
    archive.write("a", 1, written, AUSTIN)
    path = tmp_path / "archive" / "a" / "2026-03-09.parquet"
    good = path.read_bytes()
    damage(path)
    for _ in range(3):
        read_on = archive.records("a", (("e1", 20_000),), 0, 100)
        assert seqs(read_on.records) == [*range(1, 10), *range(20, 30)]
        assert read_on.left_out == {"a/2026-03-09.parquet"}
        with pytest.raises(DayUnreadable, match=r"^a/2026-03-09\.parquet of the archive cannot be read$"):
            read(archive, 30)
    assert len([each for each in caplog.messages if "2026-03-09.parquet cannot be read as an archive" in each]) == 1
    archive.check()
    assert archive.unreadable == {"a/2026-03-09.parquet"}
    with pytest.raises(DayUnreadable):  # what it had is not written away
        archive.write("a", 30, [record(30, FIRST + timedelta(days=1))], AUSTIN)
    assert not archive.has_changed()
    if path.is_dir():
        path.rmdir()
    path.write_bytes(good)
    assert archive.has_changed()
    archive.check()
    assert archive.unreadable == frozenset()
    assert read(archive, 30) == written


def test_a_file_that_breaks_off_is_left_out_as_a_whole(archive: Archive, tmp_path: Path) -> None:
    written = [record(seq, FIRST + timedelta(seconds=seq)) for seq in range(1, 12_000)]
    archive.write("a", 1, written, AUSTIN)
    (path,) = (tmp_path / "archive" / "a").iterdir()
    flipped(path, row_group=2)
    broken = archive.records("a", (("e1", 20_000),), 0, 12_000)
    assert not broken.records
    assert broken.left_out == {"a/2026-03-08.parquet"}
    assert len(archive.records("a", (("e1", 20_000),), 0, 5_000).records) == 5_000  # these are in pages that are sound


def test_what_was_written_before_pages_had_checksums_is_read(archive: Archive, tmp_path: Path) -> None:
    archive.write("a", 1, [record(1)], AUSTIN)
    (path,) = (tmp_path / "archive" / "a").iterdir()
    pq.write_table(pq.read_table(path), path, compression="zstd")
    assert read(archive, 2) == [record(1)]
