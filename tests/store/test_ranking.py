"""Who is named most in a span: the same whatever way it is counted."""

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.dialects import sqlite

from jorge_data.events import Candidate, Reception, admit
from jorge_data.metrics.clock import micros
from jorge_data.store import Field, Sought, SQLiteStore, Store, Stretch, ranking
from tests.store.conftest import Open
from tests.store.office import NOW, keep

Alert = tuple[str, int]
"""A contact, and how many hours ago an alert named it."""

ALERTS = st.lists(st.tuples(st.sampled_from("abcdefgh"), st.integers(0, 9)), max_size=60)


def alert(number: int, contact: str, hours: int, home: str = "mls-1") -> Candidate:
    data = {"contact_id": contact, "alert_id": f"a{number}", "property_id": home, "match_score": 80}
    at = (NOW - timedelta(hours=hours)).isoformat()
    named = {"id": f"{home}-{number}", "source": "tests", "type": "property_alert", "time": at}
    return admit({**named, "data": data | {"alert_type": "new_match"}}, Reception(NOW))


def leading(store: Store, location: str, hours: tuple[int, int], most: int, by: str = "contact_id") -> list[Any]:
    start, end = (micros(NOW - timedelta(hours=each)) for each in hours)
    with store.view(location) as view:
        sought, field = Sought("property_alert", view.top), [Field(by, "data")]
        assert view.ranks(sought, field)
        return [(row.group[0], row.n) for row in view.leading(sought, Stretch(0, start, end), field, most)]


def counted(alerts: Sequence[Alert], hours: tuple[int, int], most: int) -> list[Alert]:
    named = Counter(contact for contact, ago in alerts if hours[1] < ago <= hours[0])
    return sorted(named.items(), key=lambda pair: (-pair[1], pair[0]))[:most]


@pytest.fixture
def store(opened: Open) -> Store:
    store = opened()
    assert isinstance(store, SQLiteStore)
    return store


@pytest.mark.parametrize("looks", [(1, 10_000), (2, 4), (4, 3)], ids=["name by name", "gives up", "counts everybody"])
def test_a_ranking_is_the_one_that_counting_everybody_gives(
    store: Store, monkeypatch: pytest.MonkeyPatch, looks: tuple[int, int]
) -> None:
    monkeypatch.setattr(ranking, "FIRST", looks[0])
    monkeypatch.setattr(ranking, "MOST_COUNTED", looks[1])
    offices = iter(range(1_000))

    @settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(ALERTS, st.integers(0, 9), st.integers(0, 9), st.integers(1, 9))
    def agree(alerts: list[Alert], since: int, until: int, most: int) -> None:
        office = f"office-{next(offices)}"
        store.append(office, [alert(number, *each) for number, each in enumerate(alerts)]).result(10)
        hours = max(since, until) + 1, min(since, until)
        assert leading(store, office, hours, most) == counted(alerts, hours, most)

    agree()


def test_an_alert_published_twice_counts_once(store: Store) -> None:
    for _ in range(2):
        store.append("a", [alert(1, "ann", 1), alert(2, "bob", 1), alert(3, "bob", 1)]).result(10)
    assert leading(store, "a", (9, 0), 9) == [("bob", 2), ("ann", 1)]
    assert leading(store, "a", (9, 0), 9, by="property_id") == [("mls-1", 3)]


def test_what_is_after_the_position_of_a_view_does_not_count(store: Store) -> None:
    store.append("a", [alert(1, "ann", 1), alert(2, "bob", 1)]).result(10)
    with store.view("a") as view:
        first = view.leading(Sought("property_alert", 1), Stretch(0, 0, 1 << 62), [Field("contact_id", "data")], 9)
    assert [row.group for row in first] == [("ann",)]


def test_offices_rank_their_own(store: Store) -> None:
    for office, contact in (("a", "ann"), ("b", "bob")):
        store.append(office, [alert(1, contact, 1)]).result(10)
    assert leading(store, "a", (9, 0), 9) == [("ann", 1)]
    store.drop("a").result(10)
    keep(store, "a", "e1")
    assert (leading(store, "a", (9, 0), 9), leading(store, "b", (9, 0), 9)) == ([], [("bob", 1)])


def test_forgotten_alerts_do_not_count_and_those_that_stay_do(store: Store) -> None:
    store.append("a", [alert(1, "ann", 9), alert(2, "ann", 8), alert(3, "bob", 1)]).result(10)
    store.forget("a", store.bounds("a").epoch, 3).result(10)
    assert leading(store, "a", (20, 0), 9) == [("bob", 1)]


def test_no_name_costs_more_than_a_search_of_its_own_alerts(store: Store) -> None:
    assert isinstance(store, SQLiteStore)
    store.append("a", [alert(1, "ann", 1)]).result(10)
    asked = {"log": 1, "start": 1, "end": 9, "top": 9, "field": "contact_id", "standing": 9, "name": "", "look": 9}
    look = ranking._LOOKS["contact_id"].bindparams(**asked)
    sql = str(look.compile(dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True}))
    with store._reading.connect() as connection:
        steps = [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}")]
    search = "INDEX events_alerts_contact (log=? AND contact=? AND time>? AND time<?)"
    assert any(search in step for step in steps), steps
    assert any("COVERING INDEX namings_order (log=? AND field=?" in step for step in steps), steps
    assert not any("TEMP B-TREE" in step for step in steps), steps
