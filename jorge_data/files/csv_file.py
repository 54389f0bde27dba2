"""CSV: one event a row, text as it is and every other value as JSON."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson

from jorge_data.errors import Fault
from jorge_data.events.encoding import has_surrogate, show
from jorge_data.events.validation import MAX_EVENT_BYTES
from jorge_data.files.columns import (
    NAMES,
    OTHER_DATA,
    PREFIX,
    ColumnType,
    assemble,
    check_columns,
    column_names,
    column_types,
    flatten,
    json_or_text,
)
from jorge_data.files.line import FileLine

_ALLOWED_TEXT = "text that is UTF-8"


def read_csv(path: Path) -> Iterator[FileLine]:
    """Yield the rows under the header; raise FileRefused where the header has a column that is not in the contract."""
    size = max(1, path.stat().st_size)
    csv.field_size_limit(2 * MAX_EVENT_BYTES)
    with path.open("rb") as raw:
        text = io.TextIOWrapper(raw, encoding="utf-8-sig", errors="surrogateescape", newline="")
        rows = csv.reader(text, strict=True)
        columns = next(rows, [])
        check_columns(path, columns)
        while True:
            share = raw.tell() / size
            try:
                cells = next(rows)
            except StopIteration:
                return
            except csv.Error as error:
                yield FileLine(rows.line_num, share, None, (Fault("", "the row", str(error)),))
                continue
            if cells:
                yield _read(columns, cells, rows.line_num, share)


def _read(columns: list[str], cells: list[str], number: int, share: float) -> FileLine:
    row = dict(zip(columns, cells, strict=False))
    if len(cells) != len(columns):
        return FileLine(
            number, share, row, (Fault("", f"{len(cells)} cells", f"allowed: {len(columns)}, as the header"),)
        )
    if bad := [Fault(f"/{name}", show(cell), _ALLOWED_TEXT) for name, cell in row.items() if has_surrogate(cell)]:
        return FileLine(number, share, None, tuple(bad))
    return FileLine(number, share, assemble({name: _value(name, cell) for name, cell in row.items()}))


def _value(name: str, cell: str) -> Any:
    """Return a cell's value: None where it is empty, text in a text column, else JSON, or the text where it is none."""
    if cell == "":
        return None
    return cell if _column_type(name) == "text" else json_or_text(cell)


def _column_type(name: str) -> ColumnType:
    return "text" if name in NAMES else column_types().get(name.removeprefix(PREFIX), "json")


class CSVWriter:
    """Writes events as rows; a value that its cell could not give back goes into the column of other data."""

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
        for name in [name for name, cell in cells.items() if name.startswith(PREFIX) and cell == ""]:
            other[name.removeprefix(PREFIX)] = row[name]  # an empty text, which an empty cell is not
        cells[OTHER_DATA] = orjson.dumps(other).decode() if other else ""
        return [cells.get(name, "") for name in self._columns]

    def close(self) -> None:
        self._file.close()


def _cell(name: str, value: Any) -> str:
    return value if isinstance(value, str) and _column_type(name) == "text" else orjson.dumps(value).decode()
