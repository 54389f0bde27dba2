"""Events as rows: a column for each field of the contract, and one for everything else."""

from collections.abc import Iterator, Mapping
from functools import cache
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import orjson
from pydantic import AfterValidator

from jorge_data.events import KINDS
from jorge_data.events.timestamps import check_date, check_date_or_moment, check_moment

ColumnType = Literal["text", "integer", "number", "boolean", "json"]
TimeType = Literal["moment", "date", "date or moment"]

NAMES = ("id", "source", "type", "subject", "time", "locationid")
"""Columns of the envelope that a publisher sets; the others of a served event are left out: the server sets them."""

OTHER_DATA = "data"
"""The column of what has no column of its own: unknown fields, odd values and explicit nulls, as a JSON object."""

PREFIX = "data."
SET_BY_SERVER = ("epoch", "seq", "receivedat", "priority")
"""Columns of a served event that an import leaves out."""

_COLUMN_TYPES: dict[type, ColumnType] = {str: "text", int: "integer", float: "number", bool: "boolean"}
_TIME_TYPES: dict[Any, TimeType] = {
    check_moment: "moment",
    check_date: "date",
    check_date_or_moment: "date or moment",
}


@cache
def column_types() -> dict[str, ColumnType]:
    """Return the type of every data field in the contract; "json" for lists, objects and fields of several types."""
    types: dict[str, ColumnType] = {}
    for kind in KINDS.values():
        for name, hint in get_type_hints(kind).items():
            type_ = _column_type(hint)
            types[name] = type_ if types.get(name, type_) == type_ else "json"
    return types


def flatten(event: Mapping[str, Any]) -> dict[str, Any]:
    """Return the row of a served event: a value whose type is not its column's goes into the column of other data."""
    row = {name: event.get(name) for name in NAMES}
    other = {}
    for name, value in event["data"].items():
        type_ = column_types().get(name)
        if type_ is not None and _fits(type_, value):
            row[PREFIX + name] = value
        else:
            other[name] = value
    return row | {OTHER_DATA: other or None}


def assemble(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return the event of a row; empty cells are left out, and the server names the fields that are required."""
    event: dict[str, Any] = {name: row[name] for name in NAMES if row.get(name) is not None}
    other = row.get(OTHER_DATA)
    if other is not None and not isinstance(other, dict):
        return event | {"data": other}
    data = {key.removeprefix(PREFIX): value for key, value in row.items() if key.startswith(PREFIX)}
    return event | {"data": {name: value for name, value in data.items() if value is not None} | (other or {})}


def column_names() -> list[str]:
    """Return the names of the columns in their order."""
    return [*NAMES, *(PREFIX + name for name in column_types()), OTHER_DATA]


def column_type(column: str) -> ColumnType:
    """Return the type of a column by its name; "json" for fields that the contract does not have."""
    return "text" if column in NAMES else column_types().get(column.removeprefix(PREFIX), "json")


@cache
def time_columns() -> dict[str, TimeType]:
    """Return the columns of moments and dates, and which of the two each may have."""
    columns: dict[str, TimeType] = {"time": "moment"}
    for kind in KINDS.values():
        for name, hint in get_type_hints(kind, include_extras=True).items():
            for validator in _validators(hint):
                if validator in _TIME_TYPES:
                    columns[PREFIX + name] = _TIME_TYPES[validator]
    return columns


def json_or_text(text: str) -> Any:
    """Return the value of JSON text; the text where it is none, since the server says what is allowed."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return text


def _fits(type_: ColumnType, value: Any) -> bool:
    match type_:
        case "text":
            return isinstance(value, str)
        case "boolean":
            return isinstance(value, bool)
        case "integer":
            return type(value) is int and -(2**63) <= value < 2**63
        case "number":
            return isinstance(value, float) or (type(value) is int and abs(value) <= 2**53)
    return value is not None and orjson.loads(orjson.dumps(value)) == value


def _column_type(hint: Any) -> ColumnType:
    if get_origin(hint) in (Union, UnionType):
        types = {_column_type(option) for option in get_args(hint) if option is not NoneType}
        return types.pop() if len(types) == 1 else "json"
    if get_origin(hint) is Literal:
        return _COLUMN_TYPES[type(get_args(hint)[0])]
    return _COLUMN_TYPES.get(hint, "json")


def _validators(hint: Any) -> Iterator[Any]:
    """Yield the functions by which the contract checks a field, however its type is wrapped."""
    for note in getattr(hint, "__metadata__", ()):
        if isinstance(note, AfterValidator):
            yield note.func
    for inner in get_args(hint):
        yield from _validators(inner)
