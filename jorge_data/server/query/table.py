"""Rows: the very events and facts that a figure was made of, page by page."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from jorge_data.events import Cursor
from jorge_data.events.timestamps import rfc3339
from jorge_data.metrics.entities import CUBES, Rules
from jorge_data.server.query.event_rows import EventRows
from jorge_data.server.query.from_rollups import columns_of, counted
from jorge_data.server.query.query_schema import event_of
from jorge_data.server.query.service import position_of
from jorge_data.server.query.table_request import TableQuery
from jorge_data.server.query.time_buckets import BEFORE_ALL, NAMED, whole
from jorge_data.store import FactPlace, LogView


@dataclass(frozen=True)
class TablePage:
    """Rows under named columns, the cursor of the next page, and how many rows there are in all pages."""

    columns: Sequence[str]
    rows: list[list[Any]]
    next: str | None
    total: int
    position: Cursor

    def as_json(self) -> dict[str, Any]:
        """Return the page as the contract writes it."""
        return {**self.__dict__, "columns": list(self.columns), "position": self.position._asdict()}


def answer_table(view: LogView, listing: TableQuery, rules: Rules) -> TablePage:
    """Answer with a page of the events or facts of a kind."""
    span = whole(listing.start, listing.end)
    if event_of(listing.kind) is None:
        return _of_facts(view, listing, span, rules)
    return _of_events(view, listing, _kept(view, span), rules)


def _kept(view: LogView, span: tuple[int, int]) -> tuple[int, int]:
    """Begin an open span after the newest deleted event: those are still counted, but have no rows."""
    start, end = span
    if start == BEFORE_ALL and view.lost is not None and view.lost + 1 < end:
        return max(view.lost + 1, NAMED.start), end
    return span


def _of_facts(view: LogView, listing: TableQuery, span: tuple[int, int], rules: Rules) -> TablePage:
    cube, conditions = CUBES[listing.kind], columns_of(listing.kind, listing.where)
    after = None if listing.after is None else FactPlace(*listing.after)
    kept = view.facts.page(listing.kind, conditions, span, after, listing.descending, listing.limit + 1)
    rows = []
    for _, fact in kept[: listing.limit]:
        measures = {name: value / cube.measures[name] for name, value in orjson.loads(fact.measures).items()}
        known = {"entity": fact.entity, "time": rfc3339(fact.at), **dict(zip(cube.dims, fact.dims, strict=False))}
        rows.append([(known | measures).get(name) for name in listing.columns])
    following = listing.cursor(*kept[listing.limit - 1][0]) if len(kept) > listing.limit else None
    total = counted(view, listing.kind, listing.where, span, rules)
    return TablePage(listing.columns, rows, following, total, position_of(view))


def _of_events(view: LogView, listing: TableQuery, span: tuple[int, int], rules: Rules) -> TablePage:
    said = EventRows(view, listing, span, rules)
    rows, following = said.page()
    more = following and listing.cursor(*following)
    return TablePage(listing.columns, rows, more, said.total(), position_of(view))
