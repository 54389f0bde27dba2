"""Events as rows: a column for each field of the contract, and one for the rest."""

from collections.abc import Iterable, Mapping
from functools import cache
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import orjson

from jorge_data.events import KINDS

Sort = Literal["text", "integer", "number", "boolean", "json"]

NAMES = ("id", "source", "type", "subject", "time", "locationid")
"""Columns of the envelope that a publisher sets; a served event's others are left out: they are set anew."""

REST = "data"
"""The column of what the others would not give back: unknown fields and explicit nulls, as a JSON object."""

PREFIX = "data."
_SORTS: dict[type, Sort] = {str: "text", int: "integer", float: "number", bool: "boolean"}


@cache
def fields() -> dict[str, Sort]:
    """Return every field of the contract's data and its sort; "json" where it is a list, an object, or both of two."""
    sorts: dict[str, Sort] = {}
    for kind in KINDS.values():
        for name, hint in get_type_hints(kind).items():
            sort = _sort(hint)
            sorts[name] = sort if sorts.get(name, sort) == sort else "json"
    return sorts


def flatten(event: Mapping[str, Any]) -> dict[str, Any]:
    """Return the row of a served event: its names, the fields whose values have their sort, and the rest."""
    row = {name: event.get(name) for name in NAMES}
    rest = {}
    for name, value in event["data"].items():
        sort = fields().get(name)
        if sort is not None and _fits(sort, value):
            row[PREFIX + name] = value
        else:
            rest[name] = value
    return row | {REST: rest or None}


def assemble(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return the event of a row; what is not there is left out, so that the server says what is missing."""
    event: dict[str, Any] = {name: row[name] for name in NAMES if row.get(name) is not None}
    rest = row.get(REST)
    if rest is not None and not isinstance(rest, dict):
        return event | {"data": rest}
    data = {key.removeprefix(PREFIX): value for key, value in row.items() if key.startswith(PREFIX)}
    return event | {"data": {name: value for name, value in data.items() if value is not None} | (rest or {})}


def header() -> list[str]:
    """Return the columns in their order."""
    return [*NAMES, *(PREFIX + name for name in fields()), REST]


def unknown(columns: Iterable[str]) -> list[str]:
    """Return the columns that are none of ours; `seq` and the like, which the server sets, are passed over."""
    served = {"epoch", "seq", "receivedat", "priority"}
    return [name for name in columns if name not in {*NAMES, REST, *served} and not name.startswith(PREFIX)]


ALLOWED = f"allowed: {', '.join(NAMES)}, {REST} and {PREFIX}<field>"


def _fits(sort: Sort, value: Any) -> bool:
    match sort:
        case "text":
            return isinstance(value, str)
        case "boolean":
            return isinstance(value, bool)
        case "integer":
            return type(value) is int and -(2**63) <= value < 2**63
        case "number":
            return isinstance(value, float) or (type(value) is int and abs(value) <= 2**53)
    return value is not None and orjson.loads(orjson.dumps(value)) == value


def _sort(hint: Any) -> Sort:
    if get_origin(hint) in (Union, UnionType):
        sorts = {_sort(option) for option in get_args(hint) if option is not NoneType}
        return sorts.pop() if len(sorts) == 1 else "json"
    if get_origin(hint) is Literal:
        return _SORTS[type(get_args(hint)[0])]
    return _SORTS.get(hint, "json")
