"""Parquet: one event a row, in columns of their own types, read and written a group of rows at a time."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from jorge_data.events import parse_moment
from jorge_data.files.columns import NAMES, OTHER_DATA, PREFIX, ColumnType, column_types, flatten
from jorge_data.files.line import FileRefused
from jorge_data.files.table import Header, Table, TableRow, is_blank

_ROWS = 1000
_TYPES: dict[ColumnType, pa.DataType] = {
    "text": pa.string(),
    "integer": pa.int64(),
    "number": pa.float64(),
    "boolean": pa.bool_(),
    "json": pa.string(),
}


def schema() -> pa.Schema:
    """Return the columns and their types; lists, objects and the column of other data are JSON text."""
    names = [(name, pa.timestamp("us", tz="UTC") if name == "time" else pa.string()) for name in NAMES]
    data = [(PREFIX + name, _TYPES[type_]) for name, type_ in column_types().items()]
    return pa.schema([*names, *data, (OTHER_DATA, pa.string())])


def read_parquet(path: Path) -> Table:
    """Read the columns, and the rows as they are asked for; raise FileRefused where the file is not Parquet."""
    try:
        with pq.ParquetFile(path) as file:
            header = Header(path, file.schema_arrow.names)
    except pa.ArrowException as error:
        raise FileRefused(path, f"cannot be read as Parquet: {error}") from None
    return Table("Parquet", header.columns, _rows(path, header))


def _rows(path: Path, header: Header) -> Iterator[TableRow]:
    try:
        with pq.ParquetFile(path) as file:
            total, number = max(1, file.metadata.num_rows), 0
            for batch in file.iter_batches(batch_size=_ROWS):
                for cells in zip(*(_cells(column) for column in batch.columns), strict=True):
                    number += 1
                    if not is_blank(cells):
                        yield header.row(number, number / total, cells)
    except pa.ArrowException as error:
        raise FileRefused(path, f"cannot be read as Parquet: {error}") from None


def _cells(column: pa.Array) -> list[Any]:
    """Return the values of a column; of moments in nanoseconds, which Python has not, the microseconds."""
    if pa.types.is_timestamp(column.type) and column.type.unit == "ns":
        column = column.cast(pa.timestamp("us", tz=column.type.tz), safe=False)
    values: list[Any] = column.to_pylist()
    return values


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
