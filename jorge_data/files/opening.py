"""Opening a file for import: what it is, by its content and never by its name, and its events line by line."""

import zipfile
from collections.abc import Iterator
from functools import lru_cache
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple, get_type_hints

from jorge_data.events import KINDS
from jorge_data.files.byte_source import BREAKS_OFF, ByteSource
from jorge_data.files.cells import without_nulls
from jorge_data.files.columns import NAMES, OTHER_DATA, PREFIX, column_types
from jorge_data.files.csv_file import encoding_of, read_csv
from jorge_data.files.excel import read_excel
from jorge_data.files.forms import Office, form_of, is_known
from jorge_data.files.line import FileLine, FileRefused
from jorge_data.files.ndjson import read_json
from jorge_data.files.parquet import read_parquet
from jorge_data.files.table import Table, TableRow
from jorge_data.vendors.gohighlevel.export_file import export_form

ALLOWED = "allowed: CSV, .xlsx, NDJSON, a list in JSON, Parquet; any of the texts packed by gzip"
_HEAD_BYTES = 4096
_OTHERS = {
    b"\xd0\xcf\x11\xe0": "an old .xls, or a workbook with a password; save it as .xlsx without one",
    b"SQLite format 3\0": "a database of SQLite",
    b"ARROW1": "Arrow's own format; write it as Parquet",
    b"\x28\xb5\x2f\xfd": "packed by zstd; unpack it",
    b"BZh": "packed by bzip2; unpack it",
    b"\xfd7zXZ": "packed by xz; unpack it",
    b"%PDF": "a PDF",
}


class OpenedFile(NamedTuple):
    """What a file was recognised as, in words, and its lines as they are read."""

    what: str
    lines: Iterator[FileLine]


def open_file(path: Path, office: Office) -> OpenedFile:
    """Open a file for import; raise FileRefused where it is none that can be read, with what it is and what is allowed.

    An empty file has no lines.
    """
    if path.is_dir():
        raise FileRefused(path, "is a folder; allowed: one file")
    if not path.is_file():
        raise FileRefused(path, "there is no such file")
    try:
        return _open(path, office)
    except BREAKS_OFF as error:
        raise FileRefused(path, f"cannot be unpacked: {error}") from None
    except OSError as error:
        raise FileRefused(path, f"cannot be opened: {error.strerror}") from None


def _open(path: Path, office: Office) -> OpenedFile:
    with ByteSource(path) as source:
        head = source.file.read(_HEAD_BYTES)
    for mark, name in _OTHERS.items():
        if head.startswith(mark):
            raise FileRefused(path, f"is {name}; {ALLOWED}")
    if head.startswith(b"PAR1"):
        return _of_table(path, read_parquet(path), office)
    if head.startswith(b"PK\x03\x04"):
        _check_workbook(path)
        return _of_table(path, read_excel(path, is_known), office)
    if not head:
        return OpenedFile("an empty file", iter(()))
    begin = head.decode(encoding_of(path), "replace").lstrip()[:1]
    return _of_json(path, begin == "[", office) if begin in ("{", "[") else _of_table(path, read_csv(path), office)


def _check_workbook(path: Path) -> None:
    try:
        with zipfile.ZipFile(path) as packed:
            names = packed.namelist()
    except zipfile.BadZipFile as error:
        raise FileRefused(path, f"cannot be read as .xlsx: {error}") from None
    if "xl/workbook.xml" not in names:
        is_other = "[Content_Types].xml" in names or "mimetype" in names
        what = "a document, but no .xlsx; save it as one" if is_other else "a zip archive; unpack it"
        raise FileRefused(path, f"is {what}; {ALLOWED}")


def _of_table(path: Path, table: Table, office: Office) -> OpenedFile:
    if not table.columns:
        return OpenedFile(table.written_as, iter(()))
    form = form_of(path, table.columns, office, table.notation)
    return OpenedFile(f"{form.what}, {table.written_as}", (line for row in table.rows for line in form.read(row)))


def _of_json(path: Path, is_list: bool, office: Office) -> OpenedFile:
    """Open JSON: events as they are, or rows by the columns of the first."""
    records = read_json(path, is_list)
    first = next(records, None)
    written_as = "a list in JSON" if is_list else "NDJSON"
    if first is None:
        return OpenedFile(f"events, {written_as}", iter(()))
    columns = None if first.faults else _columns(path, first.event)
    records = chain([first], records)
    if columns is None:
        return OpenedFile(f"events, {written_as}", map(_without_filling, records))
    form = form_of(path, columns, office)
    rows = (
        line if line.faults or not isinstance(line.event, dict) else TableRow(line.number, line.share, line.event)
        for line in records
    )
    lines = (each for row in rows for each in ([row] if isinstance(row, FileLine) else form.read(row)))
    return OpenedFile(f"{form.what}, {written_as} of rows", lines)


def _columns(path: Path, record: Any) -> list[str] | None:
    """Return the columns of a record that is a row of a table, None where it is an event or no object.

    Raises FileRefused where it is a whole table, column by column, as pandas writes one unasked.
    """
    if not isinstance(record, dict):
        return None
    if isinstance(record.get("type"), dict):
        raise FileRefused(path, "is JSON by columns; allowed: by rows, as pandas writes with orient='records'")
    is_row = any(name.startswith(PREFIX) for name in record) or isinstance(record.get(OTHER_DATA), str)
    has_attributes = any(name in record for name in NAMES) and export_form(record) is None
    return list(record) if is_row or not has_attributes else None


def _without_filling(line: FileLine) -> FileLine:
    """Return an event without the nulls of polars, which gives each one the fields of every kind."""
    data = line.event.get(OTHER_DATA) if isinstance(line.event, dict) else None
    if not isinstance(data, dict):
        return line
    others = _fields_of_other_kinds(str(line.event.get("type")))
    is_filled = any(value is None and name in others for name, value in data.items())
    return line._replace(event={**line.event, OTHER_DATA: without_nulls(data)}) if is_filled else line


@lru_cache(64)
def _fields_of_other_kinds(type_: str) -> frozenset[str]:
    return frozenset(column_types().keys() - get_type_hints(KINDS[type_])) if type_ in KINDS else frozenset()
