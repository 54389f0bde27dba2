"""Lists: contacts and deals as they are now."""

from typing import Any

import orjson

from jorge_data.metrics.clock import rfc3339
from jorge_data.server.history.asking import position_of
from jorge_data.server.history.catalogue import LISTS
from jorge_data.server.history.listing import Listing
from jorge_data.server.history.slots import whole
from jorge_data.server.history.table import Page
from jorge_data.store import EntityPlace, Field, Listed, Order, View

_ORDERS: dict[str, Order] = {"at": "at", "name": "name", "value": "value"}


def answer_list(view: View, listing: Listing) -> Page:
    """Answer with a page of the contacts or deals whose newest event is in the span."""
    family, _ = LISTS[listing.kind]
    listed = Listed(
        family=family,
        span=whole(listing.start, listing.end),
        conditions=tuple((Field(each.field, "attribute"), each) for each in listing.where),
        text=listing.text,
    )
    after = None if listing.after is None else EntityPlace(*listing.after)
    kept = view.entities_page(listed, _ORDERS[listing.order], after, listing.descending, listing.limit + 1)
    rows = [_row(orjson.loads(summary), listing.columns) for _, summary in kept[: listing.limit]]
    following = listing.cursor(*kept[listing.limit - 1][0]) if len(kept) > listing.limit else None
    return Page(listing.columns, rows, following, view.entities_count(listed), position_of(view))


def _row(summary: dict[str, Any], columns: tuple[str, ...]) -> list[Any]:
    known = summary | {"at": rfc3339(summary["at"])}
    return [known.get(name) for name in columns]
