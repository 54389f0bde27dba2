"""Requests to the query API as values: they can be compared, used as a key, and written as a link."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Self
from urllib.parse import parse_qsl, urlencode

from jorge_data.errors import Invalid
from jorge_data.events import parse_moment
from jorge_data.events.timestamps import micros, rfc3339

Pairs = tuple[tuple[str, str], ...]


def equals(field: str, value: object) -> str:
    """Return the condition that a field has this value."""
    return f"{field}:eq:{value}"


def among(field: str, values: Iterable[object]) -> str:
    """Return the condition that a field has one of these values."""
    return f"{field}:in:{','.join(map(str, values))}"


@dataclass(frozen=True)
class TableRequest:
    """Request events or entities from `/api/table`.

    `period` names a span that moves with the clock; it is part of the cache key and not sent.
    """

    location: str
    kind: str
    where: tuple[str, ...] = ()
    start: datetime | None = None
    end: datetime | None = None
    columns: tuple[str, ...] = ()
    order: str = ""
    q: str = ""
    limit: int = 100
    cursor: str = ""
    period: str = ""

    path = "/api/table"

    def parameters(self) -> Pairs:
        """Return the query parameters."""
        named = {
            "columns": ",".join(self.columns),
            "order": self.order,
            "q": self.q,
            "limit": str(self.limit),
            "cursor": self.cursor,
        }
        return (("location", self.location), *_shared(self), *((k, v) for k, v in named.items() if v))

    def token(self) -> str:
        """Return the request as one parameter of a link, without the location, which a link names in another."""
        named = (("order", self.order), ("q", self.q), ("columns", ",".join(self.columns)))
        return urlencode([*_shared(self), *((k, v) for k, v in named if v)])

    @classmethod
    def read(cls, token: str, location: str) -> Self:
        """Return the request that a link's token names; raise Invalid where it names none."""
        try:
            pairs = parse_qsl(token, keep_blank_values=True, max_num_fields=40)
            single = {name: value for name, value in pairs if name != "where"}
            start, end = (parse_moment(single[name]) if name in single else None for name in ("from", "to"))
            kind = single["kind"]
        except (LookupError, ValueError):
            raise Invalid(f"the link's question {token[:80]!r} names no rows") from None
        where = tuple(value for name, value in pairs if name == "where")
        columns = tuple(filter(None, single.get("columns", "").split(",")))
        order, text = single.get("order", ""), single.get("q", "")
        return cls(location, kind, where, start, end, columns, order, text)


@dataclass(frozen=True)
class SeriesRequest:
    """Request a measure of a kind from `/api/series`, over time or altogether; `period` as in TableRequest.

    `top`: only so many parts of the split, those with the greatest value; 0 is all.
    """

    location: str
    kind: str
    measure: str = "events"
    agg: str = "count"
    by: tuple[str, ...] = ()
    where: tuple[str, ...] = ()
    start: datetime | None = None
    end: datetime | None = None
    step: str = "all"
    zone: str = "UTC"
    period: str = ""
    top: int = 0

    path = "/api/series"

    def parameters(self) -> Pairs:
        """Return the query parameters."""
        named = {"measure": self.measure, "agg": self.agg, "by": ",".join(self.by), "step": self.step}
        named |= {"top": str(self.top)} if self.top else {}
        pairs = ((k, v) for k, v in named.items() if v)
        return (("location", self.location), *_shared(self), *pairs, ("zone", self.zone))

    def rows(self, *where: str, start: datetime | None = None, end: datetime | None = None) -> TableRequest:
        """Return the request for the events behind this one, or behind one mark of its chart."""
        return TableRequest(self.location, self.kind, (*self.where, *where), start or self.start, end or self.end)


def _shared(request: "SeriesRequest | TableRequest") -> Pairs:
    moments = (("from", request.start), ("to", request.end))
    spans = ((name, rfc3339(micros(moment))) for name, moment in moments if moment is not None)
    return (("kind", request.kind), *(("where", condition) for condition in request.where), *spans)
