"""CSV: one event a row, text as it is and every other value as JSON; read in the spellings of the usual writers."""

import codecs
import csv
import io
import re
from collections.abc import Iterator
from itertools import chain, islice
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, TextIO

import orjson
from charset_normalizer import from_bytes

from jorge_data.errors import Fault
from jorge_data.events.encoding import has_surrogate, show
from jorge_data.events.validation import MAX_EVENT_BYTES
from jorge_data.files.byte_source import ByteSource
from jorge_data.files.cells import notation_of, read_cell
from jorge_data.files.columns import OTHER_DATA, PREFIX, column_names, column_type, flatten
from jorge_data.files.line import FileRefused
from jorge_data.files.table import Header, Table, TableRow, is_blank
from jorge_data.spreadsheet import mark_text, unmark_text

_MAX_LINE = 4 * MAX_EVENT_BYTES
"""Characters of a line: quotes in an event's JSON are doubled."""

_SAMPLE_BYTES = 65_536
_SAMPLE_ROWS = 500
_DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
"""That of UTF-32 begins with that of UTF-16."""

_WITHOUT_BOM = {"utf_16_le": "UTF-16", "utf_16_be": "UTF-16", "cp1252": "Windows-1252"}
_NAMES = {"utf-8-sig": "UTF-8", "utf-8": "UTF-8", "utf-16": "UTF-16", "utf-32": "UTF-32", **_WITHOUT_BOM}
_HINT = re.compile(r"\"?sep=(.)\"?[,;\t|]*\r?\n?")
"""The first line by which Excel is told what divides cells."""


class _Dialect(NamedTuple):
    delimiter: str
    first_line: int  # of the header, counted from 0
    has_spaces: bool = False  # after each delimiter


def read_csv(path: Path) -> Table:
    """Read the header, and the rows under it as they are asked for.

    Raises FileRefused where the file is no text, or a heading stands twice.
    """
    csv.field_size_limit(2 * MAX_EVENT_BYTES)
    encoding = encoding_of(path)
    dialect = _dialect(path, encoding)
    rows = _rows(path, encoding, dialect)
    first = next(rows, _Row(0, 1.0, []))
    if first.error:
        raise FileRefused(path, f"its header cannot be read as CSV: {first.error}")
    header = Header(path, first.cells)
    sample = list(islice(rows, _SAMPLE_ROWS)) if dialect.delimiter != "," else []
    pairs = ((name, cell) for row in sample for name, cell in header.row(0, 0, row.cells).cells.items())
    return Table(
        f"CSV ({_NAMES[encoding]}, {_DELIMITERS.get(dialect.delimiter, show(dialect.delimiter))})",
        header.columns,
        (_table_row(header, row, _NAMES[encoding]) for row in chain(sample, rows)),
        "point" if dialect.delimiter == "," else notation_of(pairs),
    )


def encoding_of(path: Path) -> str:
    """Return the encoding of a text file: by its mark, else UTF-8 where a line of it is, else by charset-normalizer.

    Raises FileRefused where it is none that the usual writers use.
    """
    with ByteSource(path) as source:
        head = source.file.read(_SAMPLE_BYTES)
        for mark, encoding in _BOMS:
            if head.startswith(mark):
                return encoding
        sample = head if b"\0" in head else _strange_lines(head, source.file)
    if not sample:
        return "utf-8"
    # Of all the encodings that it knows it takes most short texts for others than these, which spreadsheets write.
    best = from_bytes(sample, cp_isolation=list(_WITHOUT_BOM)).best()
    if best is None or best.encoding not in _WITHOUT_BOM:
        raise FileRefused(path, "is not text in UTF-8, UTF-16 or Windows-1252; save it as CSV UTF-8")
    return best.encoding


def _strange_lines(head: bytes, file: BinaryIO) -> bytes:
    """Return lines that are not UTF-8, some 64 KiB of them; none where another line is UTF-8 and not ASCII."""
    strange = b""
    begin, _, rest = head.rpartition(b"\n")
    lines = chain(begin.splitlines(), [rest + file.readline(_MAX_LINE)], iter(lambda: file.readline(_MAX_LINE), b""))
    for line in lines:
        if line.isascii():
            continue
        try:
            line.decode("utf-8")
        except UnicodeDecodeError:
            strange += line + b"\n" if len(strange) < _SAMPLE_BYTES else b""
        else:
            return b""
    return strange


def _dialect(path: Path, encoding: str) -> _Dialect:
    """Return what divides the cells, and where the header is: csv.Sniffer reads it off the header alone.

    No heading of ours has a comma in it, and cells, which hold JSON, mislead it.
    """
    with ByteSource(path) as source:
        text = _text(source.file, encoding)
        for number in range(_SAMPLE_ROWS):
            line = text.readline(_MAX_LINE)
            if not line:
                break
            if hint := _HINT.fullmatch(line):
                return _Dialect(hint[1], number + 1)
            if line.strip(' \t\r\n",;|'):
                try:
                    sniffed = csv.Sniffer().sniff(line, "".join(_DELIMITERS))
                    return _Dialect(sniffed.delimiter, number, bool(sniffed.skipinitialspace))
                except csv.Error:  # one column, which nothing divides
                    return _Dialect(",", number)
    return _Dialect(",", 0)


class _Lines:
    """The lines of a text for csv.reader, which goes on after one that is too long."""

    def __init__(self, text: TextIO) -> None:
        self._text = text

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        line = self._text.readline(_MAX_LINE)
        if not line:
            raise StopIteration
        if len(line) == _MAX_LINE and not line.endswith(("\n", "\r")):
            while (rest := self._text.readline(_MAX_LINE)) and not rest.endswith(("\n", "\r")):
                pass
            raise csv.Error(f"a line of more than {_MAX_LINE} characters")
        return line


class _Row(NamedTuple):
    number: int
    share: float
    cells: list[str]
    error: str = ""


def _rows(path: Path, encoding: str, dialect: _Dialect) -> Iterator[_Row]:
    """Yield the rows that are not blank, from the header on, numbered by their last line."""
    with ByteSource(path) as source:
        text = _text(source.file, encoding)
        for _ in range(dialect.first_line):
            text.readline()
        rows = csv.reader(_Lines(text), delimiter=dialect.delimiter, skipinitialspace=dialect.has_spaces, strict=True)
        while True:
            share = source.share
            try:
                cells = next(rows)
            except StopIteration:
                return
            except csv.Error as error:
                yield _Row(rows.line_num + dialect.first_line, share, [], str(error))
                continue
            if not is_blank(cells):
                yield _Row(rows.line_num + dialect.first_line, share, cells)


def _table_row(header: Header, row: _Row, encoding: str) -> TableRow:
    if row.error:
        return TableRow(row.number, row.share, {}, (Fault("", "the row", row.error),))
    read = header.row(row.number, row.share, row.cells)
    bad = [(name, cell) for name, cell in read.cells.items() if has_surrogate(cell)]
    if bad:
        faults = tuple(Fault(f"/{name}", show(cell), f"text that is {encoding}") for name, cell in bad)
        return read._replace(cells={}, faults=faults)
    return read._replace(cells={name: unmark_text(cell) or None for name, cell in read.cells.items()})


def _text(file: BinaryIO, encoding: str) -> TextIO:
    return io.TextIOWrapper(file, encoding=encoding, errors="surrogateescape", newline="")


class CSVWriter:
    """Writes events as rows; a value that its cell could not give back goes into the column of other data.

    A text that a spreadsheet would run as a formula has an apostrophe before it, which the reader takes off again.
    """

    def __init__(self, path: Path) -> None:
        self._file = path.open("w", newline="", encoding="utf-8")
        self._rows = csv.writer(self._file)
        self._columns = column_names()
        self._rows.writerow(self._columns)

    def write(self, events: list[dict[str, Any]]) -> None:
        self._rows.writerows(self._cells(event) for event in events)

    def _cells(self, event: dict[str, Any]) -> list[str]:
        row = flatten(event)
        other = row[OTHER_DATA] or {}
        cells = {name: _cell(name, value) for name, value in row.items() if name != OTHER_DATA and value is not None}
        for name in [name for name, cell in cells.items() if name.startswith(PREFIX) and not _is_read_as(name, cell)]:
            other[name.removeprefix(PREFIX)] = row[name]
            cells[name] = ""
        cells[OTHER_DATA] = orjson.dumps(other).decode() if other else ""
        return [self._written(name, cells.get(name, "")) for name in self._columns]

    def _written(self, name: str, cell: str) -> str:
        """Return a text as no formula; a number keeps its sign, for it is none."""
        return mark_text(cell) if cell and column_type(name) == "text" else cell

    def close(self) -> None:
        self._file.close()


def _cell(name: str, value: Any) -> str:
    return value if isinstance(value, str) and column_type(name) == "text" else orjson.dumps(value).decode()


def _is_read_as(name: str, cell: str) -> bool:
    """Return whether a text is read again as it is: not so the empty one, `NaN`, and an id like `1001.0`."""
    try:
        return column_type(name) != "text" or (cell != "" and read_cell(name, cell, "point") == cell)
    except ValueError:
        return False
