"""Parquet: one event a row, in columns of their own types, read and written a group of rows at a time."""

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from jorge_data.errors import Fault
from jorge_data.events import parse_moment
from jorge_data.events.encoding import show
from jorge_data.files.columns import (
    NAMES,
    OTHER_DATA,
    PREFIX,
    ColumnType,
    assemble,
    check_columns,
    column_types,
    flatten,
    json_or_text,
)
from jorge_data.files.line import FileLine, FileRefused

_ROWS = 1000
_TYPES: dict[ColumnType, pa.DataType] = {
    "text": pa.string(),
    "integer": pa.int64(),
    "number": pa.float64(),
    "boolean": pa.bool_(),
    "json": pa.string(),
}
_JSON_TYPES = (str, int, float, bool, list, dict, type(None), datetime, date)


def schema() -> pa.Schema:
    """Return the columns and their types; lists, objects and the column of other data are JSON text."""
    names = [(name, pa.timestamp("us", tz="UTC") if name == "time" else pa.string()) for name in NAMES]
    data = [(PREFIX + name, _TYPES[type_]) for name, type_ in column_types().items()]
    return pa.schema([*names, *data, (OTHER_DATA, pa.string())])


def read_parquet(path: Path) -> Iterator[FileLine]:
    """Yield the rows; raise FileRefused where the file is not Parquet, or has a column that is not in the contract."""
    try:
        with pq.ParquetFile(path) as file:
            check_columns(path, file.schema_arrow.names)
            total, number = max(1, file.metadata.num_rows), 0
            for batch in file.iter_batches(batch_size=_ROWS):
                for row in batch.to_pylist():
                    number += 1
                    yield _read(row, number, number / total)
    except pa.ArrowException as error:
        raise FileRefused(path, f"cannot be read as Parquet: {error}") from None


def _read(row: dict[str, Any], number: int, share: float) -> FileLine:
    event = assemble({name: _value(name, value) for name, value in row.items()})
    not_json = [(name, value) for name, value in row.items() if not isinstance(value, _JSON_TYPES)]
    faults = tuple(Fault(f"/{name}", show(value), "a type that JSON has") for name, value in not_json)
    return FileLine(number, share, None if faults else event, faults)


def _value(name: str, value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    return json_or_text(value) if isinstance(value, str) and _is_json_text(name) else value


def _is_json_text(column: str) -> bool:
    return column == OTHER_DATA or column_types().get(column.removeprefix(PREFIX)) == "json"


class ParquetWriter:
    """Writes events as groups of rows; the file can be read only after `close`."""

    def __init__(self, path: Path) -> None:
        self._schema = schema()
        self._file = pq.ParquetWriter(path, self._schema, compression="zstd")

    def write(self, events: list[dict[str, Any]]) -> None:
        if events:
            rows = [_row(event) for event in events]
            self._file.write_table(pa.Table.from_pylist(rows, schema=self._schema))

    def close(self) -> None:
        self._file.close()


def _row(event: dict[str, Any]) -> dict[str, Any]:
    row = flatten(event)
    for name, value in row.items():
        if value is not None and _is_json_text(name):
            row[name] = orjson.dumps(value).decode()
    return row | {"time": parse_moment(event["time"])}
