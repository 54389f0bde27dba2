"""Lists: contacts and deals as they are now."""

from jorge_data.events.timestamps import rfc3339
from jorge_data.metrics.entities import CUBES, Rules
from jorge_data.server.query.answer import left_out
from jorge_data.server.query.from_rollups import count_facts
from jorge_data.server.query.query_schema import LISTS
from jorge_data.server.query.table import TablePage
from jorge_data.server.query.table_request import TableQuery
from jorge_data.server.query.time_buckets import closed_span
from jorge_data.store import EntityFilter, EntityOrder, EntitySortKey, Field, LogView

_ORDERS: dict[str, EntityOrder] = {"at": "at", "name": "name", "value": "value", "match": "match"}


STATE_FACTS = {"contacts": "contact_state"}
"""For a list, the kind of fact of which each of its rows has one, at the moment of its newest event."""


def answer_list(view: LogView, query: TableQuery, rules: Rules) -> TablePage:
    """Return a page of the contacts or deals whose newest event is in the span."""
    family, columns = LISTS[query.kind]
    start, end = closed_span(query.start, query.end)
    entity_filter = EntityFilter(
        family=family,
        # A contact of whom nothing is known but that someone acted on its item never had an event of its own.
        span=(max(start, 1), end),
        conditions=tuple((_field(each.field, columns[0]), each) for each in query.where),
        text=query.text,
        agent=query.agent,
    )
    after = None if query.after is None else EntitySortKey(*query.after)
    order, names = _ORDERS[query.order], query.columns
    page = view.entities.page(entity_filter, order, after, query.descending, query.limit + 1, names)
    rows = [values for _, values in page[: query.limit]]
    if "at" in names:
        column = names.index("at")
        for row in rows:
            row[column] = rfc3339(row[column])
    following = query.cursor(*page[query.limit - 1][0]) if len(page) > query.limit else None
    total = _total(view, query, entity_filter, rules)
    return TablePage(query.columns, rows, following, total, view.position, left_out(view, query.kind, (start, end)))


def _field(name: str, id_column: str) -> Field:
    """Return where a field is; the id has a column, and an index."""
    return Field("key", "column") if name == id_column else Field(name, "attribute")


def _total(view: LogView, query: TableQuery, entity_filter: EntityFilter, rules: Rules) -> int:
    """Return how many rows all pages have: from the rollups where those have it, else counted one by one."""
    names = {condition.field for condition in query.where}
    state = STATE_FACTS.get(query.kind)
    if state is None or query.agent is not None or query.text or not names <= {*CUBES[state].dims}:
        return view.entities.count(entity_filter)
    return count_facts(view, state, query.where, entity_filter.span, rules)
