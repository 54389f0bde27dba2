"""One page of a listing, and where the next one begins."""

from typing import Any, NamedTuple, Self

from jorge_data.crm.ghl.moments import read_moment
from jorge_data.crm.vendor import Json

LIMIT = 100


class Position(NamedTuple):
    """The last record of a page: the moment, in milliseconds, and the id that the API wants back."""

    start_after: int
    start_after_id: str

    @classmethod
    def read(cls, saved: Json) -> Self | None:
        """Read a position from JSON; None where there is none."""
        moment, identifier = saved.get("startAfter"), saved.get("startAfterId")
        if isinstance(moment, bool) or not isinstance(moment, int) or not isinstance(identifier, str):
            return None
        return cls(moment, identifier)

    def as_json(self) -> Json:
        return {"startAfter": self.start_after, "startAfterId": self.start_after_id}


class Page(NamedTuple):
    """Records of a listing; `after` is None on the last page."""

    records: list[Json]
    after: Position | None
    total: int | None


def read_page(body: Json, name: str, before: Position | None) -> Page:
    """Read an answer of the API; its `nextPageUrl` is not looked at, since it leads to wherever it likes."""
    listed = body.get(name)
    records = [record for record in listed if isinstance(record, dict)] if isinstance(listed, list) else []
    given = body.get("meta")
    meta: Json = given if isinstance(given, dict) else {}
    after = (Position.read(meta) or _last(records)) if len(records) >= LIMIT else None
    total = meta.get("total", body.get("total"))
    # A position that does not move would be read for ever.
    return Page(records, after if after != before else None, total if isinstance(total, int) else None)


def _last(records: list[Json]) -> Position | None:
    """Return the position of the last record, for listings without `meta`."""
    last: dict[str, Any] = records[-1]
    added, identifier = read_moment(last.get("dateAdded", last.get("createdAt"))), last.get("id")
    return Position(round(added.timestamp() * 1000), identifier) if added and isinstance(identifier, str) else None
