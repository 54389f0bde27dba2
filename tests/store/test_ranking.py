"""Who is named most in a span: the same whatever way it is counted."""

import sqlite3
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jorge_data.events import Candidate, Reception, admit
from jorge_data.events.timestamps import micros
from jorge_data.store import EventFilter, Field, SQLiteStore, Store, TimeRange
from jorge_data.store.sql import ranking
from jorge_data.store.sqlite.driver import in_sqlites_words
from tests.store.conftest import Open, sqlite_only
from tests.store.earlier_store import take_back_to_0015
from tests.store.office import NOW, keep

Alert = tuple[str, int]
"""A contact, and how many hours ago an alert named it."""

ALERTS = st.lists(st.tuples(st.sampled_from("abcdefgh"), st.integers(0, 9)), max_size=60)


def alert(number: int, contact: str, hours: int, home: str = "mls-1") -> Candidate:
    data = {"contact_id": contact, "alert_id": f"a{number}", "property_id": home, "match_score": 80}
    at = (NOW - timedelta(hours=hours)).isoformat()
    named = {"id": f"{home}-{number}", "source": "tests", "type": "property_alert", "time": at}
    return admit({**named, "data": data | {"alert_type": "new_match"}}, Reception(NOW))


def ranked(
    store: Store, location: str, hours: tuple[int, int], most: int, by: str = "contact_id"
) -> list[Alert] | None:
    """Return who is named most, None where only reading the events tells."""
    start, end = (micros(NOW - timedelta(hours=each)) for each in hours)
    with store.view(location) as view:
        event_filter, field = EventFilter("property_alert", view.top), [Field(by, "data")]
        rows = view.ranked(event_filter, TimeRange(0, start, end), field, most)
        assert rows is None or rows == view.leading(event_filter, TimeRange(0, start, end), field, most)
        return None if rows is None else [(row.group[0], row.n) for row in rows]


def counted(alerts: Sequence[Alert], hours: tuple[int, int], most: int) -> list[Alert]:
    named = Counter(contact for contact, ago in alerts if hours[1] < ago <= hours[0])
    return sorted(named.items(), key=lambda pair: (-pair[1], pair[0]))[:most]


@pytest.fixture
def store(opened: Open, monkeypatch: pytest.MonkeyPatch) -> Store:
    """A store in which no span has too few alerts to be ranked."""
    monkeypatch.setattr(ranking, "FEW", 0)
    return opened()


@pytest.mark.parametrize("steps", [(1, 10_000), (2, 20), (4, 4)], ids=["name by name", "sometimes", "one step"])
def test_a_ranking_is_the_one_that_counting_everybody_gives(
    store: Store, monkeypatch: pytest.MonkeyPatch, steps: tuple[int, int]
) -> None:
    monkeypatch.setattr(ranking, "FIRST", steps[0])
    monkeypatch.setattr(ranking, "MOST_COUNTED", steps[1])
    offices, decided = iter(range(1_000)), 0

    @settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(ALERTS, st.integers(0, 9), st.integers(0, 9), st.integers(1, 9))
    def agree(alerts: list[Alert], since: int, until: int, most: int) -> None:
        nonlocal decided
        office = f"office-{next(offices)}"
        store.append(office, [alert(number, *each) for number, each in enumerate(alerts)]).result(10)
        hours = max(since, until) + 1, min(since, until)
        best = ranked(store, office, hours, most)
        assert best in (None, counted(alerts, hours, most))
        decided += best is not None

    agree()
    assert decided


def test_where_few_alerts_are_in_the_span_they_are_read(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    store.append("a", [alert(number, "ann", 1) for number in range(5)]).result(10)
    assert ranked(store, "a", (9, 0), 9) == [("ann", 5)]
    monkeypatch.setattr(ranking, "FEW", 6)
    assert ranked(store, "a", (9, 0), 9) is None


def test_it_gives_up_where_those_named_most_are_not_of_the_span(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ranking, "FIRST", 2)
    monkeypatch.setattr(ranking, "MOST_COUNTED", 6)
    earlier = [alert(number, f"old-{number % 20}", 9) for number in range(60)]
    store.append("a", [*earlier, alert(100, "ann", 1)]).result(10)
    assert ranked(store, "a", (2, 0), 1) is None
    monkeypatch.setattr(ranking, "MOST_COUNTED", 100)
    assert ranked(store, "a", (2, 0), 1) == [("ann", 1)]


def test_an_alert_published_twice_counts_once(store: Store) -> None:
    for _ in range(2):
        store.append("a", [alert(1, "ann", 1), alert(2, "bob", 1), alert(3, "bob", 1)]).result(10)
    assert ranked(store, "a", (9, 0), 9) == [("bob", 2), ("ann", 1)]
    assert ranked(store, "a", (9, 0), 9, by="property_id") == [("mls-1", 3)]


def test_what_is_after_the_position_of_a_view_does_not_count(store: Store) -> None:
    store.append("a", [alert(1, "ann", 1), alert(2, "bob", 1)]).result(10)
    with store.view("a") as view:
        first = view.ranked(
            EventFilter("property_alert", 1), TimeRange(0, 0, 1 << 62), [Field("contact_id", "data")], 9
        )
    assert first is not None
    assert [row.group for row in first] == [("ann",)]


def test_offices_rank_their_own(store: Store) -> None:
    for office, contact in (("a", "ann"), ("b", "bob")):
        store.append(office, [alert(1, contact, 1)]).result(10)
    assert ranked(store, "a", (9, 0), 9) == [("ann", 1)]
    store.drop("a").result(10)
    keep(store, "a", "e1")
    assert (ranked(store, "a", (9, 0), 9), ranked(store, "b", (9, 0), 9)) == ([], [("bob", 1)])


@sqlite_only
def test_forgotten_alerts_are_forgotten_here_too(store: Store) -> None:
    assert isinstance(store, SQLiteStore)
    store.append("a", [alert(1, "ann", 9), alert(2, "bob", 8), alert(3, "bob", 1)]).result(10)
    store.forget("a", store.bounds("a").epoch, 3).result(10)
    assert ranked(store, "a", (1, 0), 9) == [("bob", 1)]
    with store._reading.connect() as connection:
        names = connection.exec_driver_sql("SELECT name, standing FROM namings ORDER BY name").all()
    assert [tuple(row) for row in names] == [("bob", -1), ("mls-1", -1)]


@sqlite_only
def test_alerts_from_before_there_was_a_ranking_are_in_it(store: Store) -> None:
    assert isinstance(store, SQLiteStore)
    store.append("a", [alert(1, "ann", 9), alert(2, "ann", 8), alert(3, "bob", 1)]).result(10)
    store.close()
    with closing(sqlite3.connect(store.path)) as connection:
        for column in ("contact", "property"):
            for trigger in ("named", "forgotten"):
                connection.execute(f"DROP TRIGGER events_{column}_{trigger}")
            connection.execute(f"DROP INDEX events_alerts_{column}")
        for table in ("namings", "store", "former_epochs"):
            connection.execute(f"DROP TABLE {table}")
        connection.execute("DROP INDEX entities_status")
        connection.execute("ALTER TABLE logs DROP COLUMN lost")
        for column in ("mixed", "left_out"):
            connection.execute(f"ALTER TABLE watermarks DROP COLUMN {column}")
        connection.execute("DELETE FROM rollups WHERE grain = 'hour'")
        where = "WHERE type = 'property_alert'"
        connection.execute(f"CREATE INDEX events_alerts ON events (log, time, contact, property) {where}")
        take_back_to_0015(connection)
        connection.execute("UPDATE alembic_version SET version_num = '0006'")
        connection.commit()
    with closing(SQLiteStore(store.path)) as again:
        assert ranked(again, "a", (20, 0), 9) == [("ann", 2), ("bob", 1)]
        again.append("a", [alert(4, "bob", 1), alert(5, "bob", 1)]).result(10)
        assert ranked(again, "a", (20, 0), 1) == [("bob", 3)]


@sqlite_only
def test_no_name_costs_more_than_a_search_of_its_own_alerts(store: Store) -> None:
    assert isinstance(store, SQLiteStore)
    store.append("a", [alert(1, "ann", 1)]).result(10)
    values = {"log": 1, "start": 1, "end": 9, "top": 9, "field": "contact_id", "standing": 9, "name": "", "limit": 9}
    sql = in_sqlites_words(str(ranking.NEXT_NAMES["contact_id"].query))
    with closing(sqlite3.connect(store.path)) as connection:
        steps = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {sql}", values)]
    search = "INDEX events_alerts_contact (log=? AND contact=? AND time>? AND time<?)"
    assert any(search in step for step in steps), steps
    assert any("COVERING INDEX namings_order (log=? AND field=?" in step for step in steps), steps
    assert not any("TEMP B-TREE" in step for step in steps), steps
