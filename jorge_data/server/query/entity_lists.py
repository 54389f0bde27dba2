"""Lists: contacts and deals as they are now."""

from typing import Any

from jorge_data.events.timestamps import rfc3339
from jorge_data.metrics.entities import CUBES, Rules
from jorge_data.server.query.from_rollups import counted
from jorge_data.server.query.query_schema import LISTS
from jorge_data.server.query.service import position_of
from jorge_data.server.query.table import TablePage
from jorge_data.server.query.table_request import TableQuery
from jorge_data.server.query.time_buckets import whole
from jorge_data.store import EntityPlace, Field, Listed, LogView, Order

_ORDERS: dict[str, Order] = {"at": "at", "name": "name", "value": "value"}


STATES = {"contacts": "contact_state"}
"""Of a list, the facts of which each of its rows has one, at the moment of its newest event."""


def answer_list(view: LogView, listing: TableQuery, rules: Rules) -> TablePage:
    """Answer with a page of the contacts or deals whose newest event is in the span."""
    family, _ = LISTS[listing.kind]
    listed = Listed(
        family=family,
        span=whole(listing.start, listing.end),
        conditions=tuple((Field(each.field, "attribute"), each) for each in listing.where),
        text=listing.text,
    )
    after = None if listing.after is None else EntityPlace(*listing.after)
    order, names = _ORDERS[listing.order], listing.columns
    kept = view.entities.page(listed, order, after, listing.descending, listing.limit + 1, names)
    rows = [values for _, values in kept[: listing.limit]]
    if "at" in names:
        _write_moments(rows, names.index("at"))
    following = listing.cursor(*kept[listing.limit - 1][0]) if len(kept) > listing.limit else None
    return TablePage(listing.columns, rows, following, _total(view, listing, listed, rules), position_of(view))


def _total(view: LogView, listing: TableQuery, listed: Listed, rules: Rules) -> int:
    """Return how many rows all pages have: from the rollups where they can tell, else counted one by one."""
    names = {condition.field for condition in listing.where}
    state = STATES.get(listing.kind)
    if state is None or listing.text or not names <= {*CUBES[state].dims}:
        return view.entities.count(listed)
    return counted(view, state, listing.where, listed.span, rules)


def _write_moments(rows: list[list[Any]], column: int) -> None:
    for row in rows:
        row[column] = rfc3339(row[column])
