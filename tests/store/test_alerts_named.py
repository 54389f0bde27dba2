"""Alerts filtered by the contact or property that they name: an index gives the same as reading all of them."""

import sqlite3
from contextlib import closing
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.dialects import sqlite

from jorge_data.events import Reception, admit
from jorge_data.events.timestamps import HOUR, micros
from jorge_data.store import (
    Condition,
    EventFilter,
    EventPage,
    EventSortKey,
    Field,
    LogView,
    SQLiteStore,
    Store,
    TimeRange,
)
from jorge_data.store.event_filter import FieldSource
from jorge_data.store.sql import statements
from jorge_data.store.sqlite.driver import in_sqlites_words
from tests.store.conftest import Open, sqlite_only
from tests.store.office import NOW
from tests.store.test_ranking import alert

ALERTS = st.lists(st.tuples(st.sampled_from("abcd"), st.integers(0, 9), st.sampled_from("xyz")), max_size=30)
NAMES = st.lists(st.sampled_from("abcde"), min_size=1, max_size=3, unique=True)
HOMES = st.lists(st.sampled_from("wxyz"), max_size=2, unique=True)


@pytest.fixture
def store(opened: Open) -> Store:
    return opened()


def filter_of(view: LogView, source: FieldSource, contacts: list[str], homes: list[str]) -> EventFilter:
    named = (("contact_id", contacts), ("property_id", homes))
    conditions = ((Field(field, source), Condition(field, "in", tuple(names))) for field, names in named if names)
    return EventFilter("property_alert", view.top, tuple(conditions))


def read_all(view: LogView, which: EventFilter, span: TimeRange) -> list[Any]:
    """Return all that a view returns of a filter."""
    by = [Field("contact_id", "data")]
    ends = span.start, span.end
    newest = view.events_page(EventPage(which, ends, None, descending=True, limit=3))
    further = view.events_page(EventPage(which, ends, newest[-1].key, descending=True, limit=99)) if newest else []
    oldest = view.events_page(EventPage(which, ends, EventSortKey(span.start, 0), descending=False, limit=99))
    several = [TimeRange(number, span.start, span.end - number * HOUR) for number in range(3)]
    sums = sorted(view.aggregate(which, several, by, None)), view.leading(which, span, by, 9)
    return [newest, further, oldest, sorted(view.events(which, several, 999)), *sums]


def test_what_an_index_finds_is_what_reading_everything_finds(store: Store) -> None:
    offices = map("office-{}".format, count())

    @settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(ALERTS, NAMES, HOMES, st.integers(0, 9))
    def agree(alerts: list[tuple[str, int, str]], contacts: list[str], homes: list[str], since: int) -> None:
        office = next(offices)
        store.append(office, [alert(number, *each) for number, each in enumerate(alerts)]).result(10)
        span = TimeRange(0, micros(NOW) - since * HOUR, micros(NOW) + 1)
        with store.view(office) as view:
            narrow, plain = (filter_of(view, source, contacts, homes) for source in ("indexed", "data"))
            assert (narrow.is_narrow, plain.is_narrow) == (True, False)
            assert read_all(view, narrow, span) == read_all(view, plain, span)

    agree()


def test_another_kind_of_event_that_names_the_contact_is_not_among_them(store: Store) -> None:
    data = {"conversation_id": "v1", "contact_id": "ann", "kind": "message"}
    talk = admit({"id": "talk", "source": "tests", "type": "conversation_event", "data": data}, Reception(NOW))
    store.append("a", [alert(1, "ann", 1), talk]).result(10)
    with store.view("a") as view:
        rows = view.events_page(EventPage(filter_of(view, "indexed", ["ann"], []), (0, 1 << 62), None, True, 9))
    assert [row.key.seq for row in rows] == [1]


@sqlite_only
def test_no_alert_of_others_is_read(store: Store) -> None:
    assert isinstance(store, SQLiteStore)
    condition = (Field("property_id", "indexed"), Condition("property_id", "in", ("x", "y")))
    page = statements.page((condition,), (), True, True, None).query.compile(dialect=sqlite.dialect(paramstyle="named"))
    made = page.construct_expanded_state({"log": 1, "top": 9, "start": 0, "end": 9, "limit": 9})
    with closing(sqlite3.connect(store.path)) as connection:
        steps = [
            row[3]
            for row in connection.execute(f"EXPLAIN QUERY PLAN {in_sqlites_words(made.statement)}", made.parameters)
        ]
    assert any("events_alerts_property (log=? AND property=?" in step for step in steps), steps
    assert any("events USING PRIMARY KEY (log=? AND seq=?)" in step for step in steps), steps
