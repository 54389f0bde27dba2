"""Tables: the events and facts that a figure counts, page by page."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from jorge_data.events import Cursor
from jorge_data.events.timestamps import rfc3339
from jorge_data.metrics.entities import CUBES, Rules
from jorge_data.server.query.answer import as_left_out, left_out
from jorge_data.server.query.event_rows import EventRows
from jorge_data.server.query.from_rollups import columns_of, count_facts
from jorge_data.server.query.query_schema import OWNERS, event_of
from jorge_data.server.query.table_request import TableQuery
from jorge_data.server.query.time_buckets import ALLOWED_MOMENTS, BEFORE_ALL, closed_span
from jorge_data.store import FactSortKey, LogView, VisibleTo


@dataclass(frozen=True)
class TablePage:
    """Rows under named columns, the cursor of the next page, and how many rows all pages have."""

    columns: Sequence[str]
    rows: list[list[Any]]
    next: str | None
    total: int
    position: Cursor
    left_out: tuple[str, ...] = ()
    """The archive's files that it needs and that cannot be read."""

    def as_json(self) -> dict[str, Any]:
        """Return the JSON of `/api/table`."""
        body = {**self.__dict__, "columns": list(self.columns), "position": self.position._asdict()}
        del body["left_out"]
        return body | as_left_out(self.left_out)


def answer_table(view: LogView, query: TableQuery, rules: Rules) -> TablePage:
    """Return a page of the events or facts of a kind."""
    span = closed_span(query.start, query.end)
    if event_of(query.kind) is None:
        return _of_facts(view, query, span, rules)
    events = EventRows(view, query, _without_deleted(view, span), rules)
    rows, following = events.page()
    cursor = following and query.cursor(*following)
    total = events.total()
    return TablePage(query.columns, rows, cursor, total, view.position, left_out(view, query.kind, span))


def _without_deleted(view: LogView, span: tuple[int, int]) -> tuple[int, int]:
    """Return an open span without the deleted events: those are still counted, but have no rows."""
    start, end = span
    if start == BEFORE_ALL and view.lost is not None and view.lost + 1 < end:
        return max(view.lost + 1, ALLOWED_MOMENTS.start), end
    return span


def visible_of(query: TableQuery) -> VisibleTo | None:
    """Return what its agent sees of facts of entities; None where that is all of them."""
    owner = OWNERS.get(query.kind)
    return None if query.agent is None or owner is None else VisibleTo(query.agent, owner)


def _of_facts(view: LogView, query: TableQuery, span: tuple[int, int], rules: Rules) -> TablePage:
    cube, conditions = CUBES[query.kind], columns_of(query.kind, query.where)
    after = None if query.after is None else FactSortKey(*query.after)
    visible = visible_of(query)
    page = view.facts.page(query.kind, conditions, span, after, query.descending, query.limit + 1, visible)
    rows = []
    for _, fact in page[: query.limit]:
        measures = {name: value / cube.measures[name] for name, value in orjson.loads(fact.measures).items()}
        columns = {"entity": fact.entity, "time": rfc3339(fact.at), **dict(zip(cube.dims, fact.dims, strict=False))}
        rows.append([(columns | measures).get(name) for name in query.columns])
    following = query.cursor(*page[query.limit - 1][0]) if len(page) > query.limit else None
    if visible is None:
        total = count_facts(view, query.kind, query.where, span, rules)
    else:
        total = view.facts.count(query.kind, conditions, span, visible)
    return TablePage(query.columns, rows, following, total, view.position, left_out(view, query.kind, span))
