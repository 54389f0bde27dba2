"""Events read by kind and time: whole, or some of their fields, as they were published."""

from itertools import count
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jorge_data.events import Reception, admit
from jorge_data.store import EventFilter, EventPage, Field, Store
from tests.store.conftest import Open
from tests.store.office import NOW

ALWAYS = (0, 1 << 62)
FIELDS = (Field("subject", "attribute"), Field("deal_id", "data"), Field("probability", "data"))
NUMBERS = count()


@pytest.fixture
def store(opened: Open) -> Store:
    return opened()


def deal(number: int, **further: Any) -> dict[str, Any]:
    data = {"deal_id": "d1", "status": "open", "deal_value": 1, **further}
    return {"id": f"e{number}", "source": "tests", "type": "commission_update", "subject": None, "data": data}


# Without U+0000, which a text of PostgreSQL cannot hold: see what it is read as in test_postgresql.py.
NAMES = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=20)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=NAMES, value=st.none() | st.floats(0, 1))
def test_fields_of_a_page_are_what_the_whole_events_say(store: Store, name: str, value: float | None) -> None:
    event = deal(next(NUMBERS), deal_id=name, deal_value=1, probability=value)
    store.append("a", [admit(event, Reception(NOW))]).result(10)
    with store.view("a") as view:
        event_filter = EventFilter("commission_update", view.top)
        whole = view.events_page(EventPage(event_filter, ALWAYS, None, descending=True, limit=3))
        picked = view.events_page(EventPage(event_filter, ALWAYS, None, descending=True, limit=3, fields=FIELDS))
    events = [(row.key, orjson.loads(row.body)) for row in whole]
    expected = [
        (key, [event["subject"], event["data"]["deal_id"], event["data"]["probability"]]) for key, event in events
    ]
    assert [(row.key, row.values) for row in picked] == expected
    assert not any(row.body for row in picked)


def test_a_field_that_an_event_does_not_have_is_null(store: Store) -> None:
    store.append("a", [admit(deal(1), Reception(NOW))]).result(10)
    with store.view("a") as view:
        event_filter = EventFilter("commission_update", view.top)
        (row,) = view.events_page(EventPage(event_filter, ALWAYS, None, True, 9, (Field("lead_source", "data"),)))
    assert row.values == [None]
