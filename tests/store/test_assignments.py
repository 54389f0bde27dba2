"""Whose each contact is: told by the newest event, in either spelling, whatever becomes of the events."""

import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from alembic.script import ScriptDirectory
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jorge_data import store as package
from jorge_data.events import KINDS, Candidate, Reception, Record, admit
from jorge_data.events.assignment import contacts_named
from jorge_data.store import EventFilter, EventPage, SQLiteStore, Store, TimeRange
from tests.events.examples import FULL
from tests.store.conftest import Open, sqlite_only
from tests.store.office import NOW
from tests.vendors.gohighlevel.webhooks import Desk, example

EVER = (0, 1 << 61)


def event(sort: str, minute: int = 0, /, subject: str | None = None, **data: Any) -> Candidate:
    at = (NOW - timedelta(hours=1) + timedelta(minutes=minute)).isoformat()
    named = {"source": "tests", "type": sort, "time": at, **({"subject": subject} if subject else {})}
    return admit({**named, "data": data}, Reception(NOW))


def gives(contact: str, agent: str | None, minute: int = 0) -> Candidate:
    return event("contact_update", minute, contact_id=contact, changed={"assigned_to": {"from": None, "to": agent}})


def agents(store: Store, location: str = "a") -> dict[str, str]:
    return {contact: agent for contact, agent, *_ in store.assignments(location).contacts}


def test_a_contact_is_whose_the_crms_own_webhook_says(store: Store) -> None:
    desk = Desk()
    webhook = example("ContactCreate")
    events = desk.read(webhook)
    assert events is not None
    moved = desk.read(webhook | {"type": "ContactUpdate", "assignedTo": "u-bob"}, NOW + timedelta(minutes=1))
    assert moved is not None
    for number, (told, agent) in enumerate(((events, webhook["assignedTo"]), (moved, "u-bob"))):
        named = [{**each._asdict(), "id": f"{number}-{each.id}", "time": each.time.isoformat()} for each in told]
        store.append("a", [admit(each, Reception(NOW)) for each in named]).result(10)
        assert agents(store) == {webhook["id"]: agent}


def test_the_newest_by_time_holds_and_by_position_of_one_moment(store: Store) -> None:
    said = [gives("c", "ann", 5), gives("c", "old", 1), gives("c", "bob", 5), gives("d", "ann"), gives("d", None, 1)]
    for each in said:
        store.append("a", [each]).result(10)
    assert agents(store) == {"c": "bob", "d": ""}
    store.append("b", [gives("c", "zoe")]).result(10)
    assert agents(store) == {"c": "bob", "d": ""}, "each office has its own"
    store.drop("a").result(10)
    assert (agents(store), agents(store, "b")) == ({}, {"c": "zoe"})


def test_retention_takes_the_events_and_not_whose_the_contact_is(store: Store) -> None:
    store.append("a", [gives("c", "ann"), event("commission_update", 1, **FULL["commission_update"])]).result(10)
    before = store.assignments("a")
    store.forget("a", store.bounds("a").epoch, 3).result(10)
    assert store.assignments("a") == before


@sqlite_only
def test_what_was_said_before_there_was_the_table_is_in_it(opened: Open) -> None:
    store = opened()
    assert isinstance(store, SQLiteStore)
    deal = FULL["commission_update"] | {"deal_id": "d1", "contact_id": "c"}
    store.append("a", [gives("c", "ann", 1), gives("c", "old"), event("commission_update", **deal)]).result(10)
    before = store.assignments("a")
    store.close()
    versions = ScriptDirectory(str(Path(package.__file__).with_name("migrations")))
    migration = versions.get_revision("0019").module
    with closing(sqlite3.connect(store.path)) as connection:
        for table in ("assignments", "deal_contacts"):
            connection.execute(f"DELETE FROM {table}")
        copy = orjson.dumps({"fields": {"assigned_to": "zoe"}}).decode()
        for contact in ("c", "gone"):  # of `gone` the CRM's copy alone is left
            connection.execute("INSERT INTO crm_entities VALUES ('a', 'contact', ?, ?)", (contact, copy))
        for statement in migration.FILL:
            connection.execute(statement)
        connection.commit()
    with closing(SQLiteStore(store.path)) as again:
        told = {row[0]: tuple(row) for row in again.assignments("a").contacts}
        assert told.pop("gone") == ("gone", "zoe", 0, 0)
        assert list(told.values()) == [tuple(row) for row in before.contacts]
        assert again.assignments("a").deals == before.deals


CONTACTS = st.sampled_from(["c1", "c2", "c3", ""])
ABOUT = st.tuples(st.sampled_from([*KINDS]), CONTACTS, CONTACTS, st.sampled_from(["x", "y"]))


def made(number: int, kind: str, subject: str, contact: str, other: str) -> Candidate:
    data = {**FULL[kind], "deal_id": other, "analysis_id": other, "item": f"hot:{contact or 'c9'}", "changed": {}}
    data = {name: value for name, value in data.items() if name not in ("assigned_to", "contact_id", "merged_into")}
    data |= {"contact_id": contact or "c9"} if contact or "contact_id" in KINDS[kind].__required_keys__ else {}  # type: ignore[attr-defined]
    name = other if kind == "intent_analysis_complete" else f"e{number}"
    item = {"id": name, "source": f"s{number}", "type": kind, "data": data, "subject": subject or None}
    return admit(item, Reception(NOW))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(ABOUT, min_size=1, max_size=12),
    st.lists(st.tuples(CONTACTS, st.sampled_from(["ann", "bob", ""])), max_size=4),
)
def test_every_way_of_reading_hides_the_same_events(
    store: Store, about: list[tuple[str, str, str, str]], given_to: list[tuple[str, str]]
) -> None:
    location = f"office-{next(NUMBERS)}"
    said = [gives(contact or "c9", agent, minute) for minute, (contact, agent) in enumerate(given_to)]
    events = [made(number, *each) for number, each in enumerate(about)]
    store.append(location, [*said, *events]).result(10)
    page = store.read(location, 0, 1000)
    named = [_named(record) for record in page.records]
    for agent in ("ann", "nobody"):
        hidden = store.hidden(location, named, agent)
        expected = {record.seq for record, each in zip(page.records, hidden, strict=True) if not each}
        seen: set[int] = set()
        with store.view(location) as view:
            for kind in KINDS:
                event_filter = EventFilter(kind, view.top, (), agent)
                rows = {row.key.seq for row in view.events_page(EventPage(event_filter, EVER, None, True, 1000))}
                assert rows == {row.key.seq for row in view.events(event_filter, [TimeRange(0, *EVER)], 1000)}
                assert len(rows) == sum(row.n for row in view.aggregate(event_filter, [TimeRange(0, *EVER)], [], None))
                seen |= rows
        assert seen == expected


NUMBERS = iter(range(10_000))


def _named(record: Record) -> Any:
    read = orjson.loads(record.wire)
    return contacts_named(record.type, read.get("subject"), read["data"])


def test_whom_a_reader_must_forget_he_has_seen(store: Store) -> None:
    messages = [FULL["conversation_event"] | {"contact_id": contact} for contact in ("mine", "free", "his")]
    store.append("a", [event("conversation_event", 0, **message) for message in messages]).result(10)
    store.append("a", [gives("mine", "ann"), gives("his", "bob")]).result(10)
    top = store.bounds("a").top
    store.append("a", [gives(each, "bob", 5) for each in ("mine", "free", "his", "new")]).result(10)
    assert sorted(store.lost("a", "ann", top)) == ["free", "mine"]
    assert store.lost("a", "ann", 0) == [], "nothing was served yet"
    assert store.lost("a", "bob", top) == []


@pytest.mark.parametrize("agent", ["u'1", 'u"1', "u%1", "ü", "u\\1"])
def test_an_agents_id_may_be_any_text(store: Store, agent: str) -> None:
    store.append("a", [gives("c", agent)]).result(10)
    assert agents(store) == {"c": agent}
    with store.view("a") as view:
        for who, rows in ((agent, 1), ("another", 0)):
            event_filter = EventFilter("contact_update", view.top, (), who)
            assert len(view.events(event_filter, [TimeRange(0, *EVER)], 9)) == rows
