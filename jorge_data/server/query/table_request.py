"""A table query, read from the parameters of a request, and the cursor from one page to the next."""

import base64
import binascii
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from starlette.datastructures import QueryParams

from jorge_data.events import KINDS
from jorge_data.metrics.entities import CUBES
from jorge_data.server.query.query_schema import (
    COUNTED,
    KINDS_OF_QUERIES,
    LISTS,
    data_fields,
    event_of,
    fields_of,
    names_of,
    refuse,
)
from jorge_data.server.query.series_request import read_names, read_span, read_where
from jorge_data.server.query.time_buckets import AFTER_ALL
from jorge_data.server.requests import read_limit
from jorge_data.store import Condition

ENVELOPE = ("id", "time", "source", "subject")
LONGEST_SEARCH = 128


@dataclass(frozen=True)
class TableQuery:
    """Which rows: of a kind, in a half-open span (microseconds; None is open), filtered, ordered, after a cursor.

    `agent`: as far as he sees them.
    """

    kind: str
    where: tuple[Condition, ...]
    start: int | None
    end: int | None
    columns: tuple[str, ...]
    order: str
    descending: bool
    limit: int
    text: str
    after: tuple[Any, ...] | None
    agent: str | None = None

    @property
    def names(self) -> frozenset[str]:
        """Return the columns and the fields of the conditions."""
        return frozenset({*self.columns, *(each.field for each in self.where)})

    @property
    def digest(self) -> str:
        """Return a hash of all but the page itself; a cursor belongs to the query of the same digest."""
        parts = self.kind, self.where, self.start, self.end, self.order, self.descending, self.text
        return hashlib.sha256(repr(parts).encode()).hexdigest()[:12]

    def cursor(self, *values: Any) -> str:
        """Return the cursor of the next page, as opaque text."""
        return base64.urlsafe_b64encode(orjson.dumps([self.digest, *values])).decode().rstrip("=")


def read_table(params: QueryParams, is_seen: Callable[[str, str], bool] = lambda kind, field: True) -> TableQuery:
    """Read the parameters of `/api/table`; raise Invalid that names the parameter, its value and what is allowed.

    Without `columns`, it has the usual columns of its kind for which `is_seen(kind, column)`.
    """
    kind = params.get("kind", "")
    if kind not in KINDS_OF_QUERIES:
        refuse("kind", kind, (*COUNTED, *LISTS))
    allowed, usual = columns_of(kind)
    usual = tuple(column for column in usual if is_seen(kind, column))
    text = _text(params.get("q", ""), kind)
    order, descending = _order(params.get("order"), kind, bool(text))
    start, end = read_span(params)
    query = TableQuery(
        kind=kind,
        where=read_where(params.getlist("where"), allowed if kind in LISTS else names_of(kind)),
        start=start,
        end=end,
        columns=read_names("columns", params.get("columns", ""), allowed, len(allowed)) or usual,
        order=order,
        descending=descending,
        limit=read_limit(params.get("limit"), 100),
        text=text,
        after=None,
    )
    cursor = params.get("cursor")
    return _after(query, cursor) if cursor else query


def columns_of(kind: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the columns that a table of a kind may have, and the usual ones, for a request that names none."""
    if kind in LISTS:
        return LISTS[kind][1], LISTS[kind][1]
    cube = CUBES[kind]
    if event_of(kind) is None:
        columns = ("entity", "time", *cube.dims, *cube.measures)
        return columns, columns
    fields = fields_of(kind) if kind in KINDS else ENVELOPE
    columns = tuple(dict.fromkeys((*fields, *cube.dims, *cube.measures)))
    return columns, (*ENVELOPE, *data_fields(kind)) if kind in KINDS else columns


def _order(text: str | None, kind: str, is_search: bool) -> tuple[str, bool]:
    """Return the order of the rows and whether the greatest are first: who is meant, where somebody is searched for."""
    allowed = (*(("match",) if is_search else ()), "at", "value", "name") if kind in LISTS else ("time",)
    name = (text or f"-{allowed[0]}").removeprefix("-")
    if name not in allowed:
        refuse("order", text, [sign + name for name in allowed for sign in ("", "-")])
    return name, text is None or text == "" or text.startswith("-")


def _text(text: str, kind: str) -> str:
    if text and kind not in LISTS:
        refuse("q", text, f"a search in {' and '.join(LISTS)} alone")
    return text if len(text) <= LONGEST_SEARCH else refuse("q", text, f"{LONGEST_SEARCH} characters at most")


def _after(query: TableQuery, text: str) -> TableQuery:
    try:
        digest, *values = orjson.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (binascii.Error, ValueError, TypeError):
        refuse("cursor", text, "what `next` of the page before said")
    if digest != query.digest:
        refuse("cursor", text, "what `next` of a page of this very question said")
    if not _is_sort_key(values, query):
        refuse("cursor", text, "what `next` of the page before said")
    return TableQuery(**{**query.__dict__, "after": tuple(values)})


def _is_sort_key(values: Sequence[Any], query: TableQuery) -> bool:
    """Return whether a cursor's values are those of a page of this query: whoever knows its digest may write others."""
    if query.kind in LISTS and query.order == "name":
        name, *values = values or (None,)
        return isinstance(name, str) and _are_integers(values, 1)
    return _are_integers(values, 2 if query.kind in LISTS or event_of(query.kind) is None else 4)


def _are_integers(values: Sequence[Any], length: int) -> bool:
    """Return whether these are so many integers that SQLite can compare, and to which it can add."""
    return len(values) == length and all(type(value) is int and abs(value) <= AFTER_ALL for value in values)
