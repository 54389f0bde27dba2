"""An agent writes about his own contacts and nobody's: whose they are is decided by what is committed before."""

import asyncio
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from jorge_data.errors import EventRefused
from jorge_data.events import decode
from jorge_data.server.auth.claims import Claims
from jorge_data.server.auth.rate_limit import Buckets
from jorge_data.server.ingest.begun_locations import BegunLocations
from jorge_data.server.ingest.publish import Ingest, Result, publish_events
from jorge_data.server.ingest.refusals import Refusals
from jorge_data.server.telemetry import Telemetry
from jorge_data.store import AppendResult, SQLiteStore
from tests.waiting import wait_until

pytestmark = pytest.mark.anyio

ANN = Claims("ann", "agent", "office", agent_id="u-ann", session="s-1")
BOB = Claims("bob", "agent", "office", agent_id="u-bob", session="s-2")
MARY = Claims("mary", "manager", "office", session="s-3")
ANOTHERS = "this contact is another agent's: allowed are your own contacts, and who is nobody's"


def gives(contact: str, agent: str) -> dict[str, Any]:
    data = {"contact_id": contact, "assigned_to": agent, "changed": {"assigned_to": {"to": agent}}}
    return {"source": "dashboard", "type": "contact_update", "data": data}


def acts(contact: str, by: str) -> dict[str, Any]:
    data = {"item": f"hot:{contact}", "action": "assigned", "by": by}
    return {"source": "dashboard", "type": "attention_update", "data": data}


def told(office: "Office") -> list[dict[str, Any]]:
    """Return as which agent, and by which name, each act of the log was done."""
    datas = [decode(record.wire).data for record in office.store.read("office", 0, 100).records]
    return [{name: value for name, value in data.items() if name.startswith("agent_")} for data in datas]


class Office:
    """A store, and what publishing needs beside it."""

    def __init__(self, folder: Path) -> None:
        self.store = SQLiteStore(folder / "events.db")
        rates, begun = Buckets(1000, "events", time.monotonic), BegunLocations(9, lambda _: False)
        self.ingest = Ingest(self.store, rates, Telemetry(), 0.06, Refusals(datetime.now(UTC)), begun)

    async def publish(self, claims: Claims, *events: dict[str, Any], together: bool = False) -> list[Result]:
        return await publish_events(list(events), claims, self.ingest, together)

    @contextmanager
    def busy(self) -> Iterator[None]:
        """Have the writer be at something else meanwhile, as it is under load."""
        release = threading.Event()
        self.store.writer.run(lambda _: release.wait(20))
        try:
            yield
        finally:
            release.set()

    async def queued(self, events: int) -> None:
        await asyncio.to_thread(wait_until, lambda: self.store.writer.waiting == events)

    def agents(self) -> dict[str, str]:
        return {contact: agent for contact, agent, *_ in self.store.assignments("office").contacts}

    def kinds(self) -> list[str]:
        return [record.type for record in self.store.read("office", 0, 100).records]

    def audited(self) -> list[str]:
        return [entry.act.by for entry in self.store.audit.newest(None, 100)]


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    office = Office(tmp_path)
    with closing(office.store):
        yield office


def reasons(results: list[Result]) -> list[str]:
    return [each.faults[0].detail if isinstance(each, EventRefused) else "" for each in results]


async def test_of_two_agents_who_take_a_free_contact_at_once_one_wins(office: Office) -> None:
    with office.busy():
        taking = [asyncio.ensure_future(office.publish(ANN, gives("c", "u-ann")))]
        await office.queued(1)
        taking.append(asyncio.ensure_future(office.publish(BOB, gives("c", "u-bob"))))
        await office.queued(2)
    assert [reasons(each) for each in await asyncio.gather(*taking)] == [[""], [ANOTHERS]]
    assert office.agents() == {"c": "u-ann"}
    assert office.audited() == ["ann"], "what was refused is no act"


async def test_who_has_just_lost_a_contact_cannot_take_it_back_before_that_is_committed(office: Office) -> None:
    await office.publish(ANN, gives("c", "u-ann"))
    with office.busy():
        given = asyncio.ensure_future(office.publish(MARY, gives("c", "u-bob")))
        await office.queued(1)
        back = asyncio.ensure_future(office.publish(ANN, gives("c", "u-ann"), acts("c", "ann")))
        await office.queued(3)
    assert [reasons(await each) for each in (given, back)] == [[""], [ANOTHERS, ANOTHERS]]
    assert office.agents() == {"c": "u-bob"}


async def test_the_good_events_beside_anothers_are_kept_in_their_places(office: Office) -> None:
    await office.publish(MARY, gives("theirs", "u-bob"))
    results = await office.publish(ANN, acts("mine", "ann"), gives("theirs", "u-ann"), gives("mine", "u-ann"))
    assert reasons(results) == ["", ANOTHERS, ""]
    assert [each.cursor.seq for each in results if isinstance(each, AppendResult)] == [2, 3]
    assert office.agents() == {"theirs": "u-bob", "mine": "u-ann"}


@pytest.mark.parametrize(
    ("claims", "second", "reason"),
    [
        (ANN, gives("theirs", "u-ann"), ANOTHERS),
        (ANN, gives("mine", "u-bob"), "may not assign to others"),
        (MARY, gives("m" * 200, "u-ann"), "String should have at most 128 characters"),
    ],
)
async def test_what_stands_together_stands_whole_or_not_at_all(
    office: Office, claims: Claims, second: dict[str, Any], reason: str
) -> None:
    await office.publish(MARY, gives("theirs", "u-bob"))
    pair = acts("mine", claims.subject), second
    results = await office.publish(claims, *pair, together=True)
    assert all(isinstance(each, EventRefused) for each in results)
    assert any(reason in str(each) for each in results)
    assert all("stand together or not at all" in str(each) for each in results[:1])
    assert office.kinds() == ["contact_update"], "nothing of it is kept"
    results = await office.publish(claims, acts("mine", claims.subject), gives("mine", "u-ann"), together=True)
    assert reasons(results) == ["", ""]
    assert office.kinds() == ["contact_update", "attention_update", "contact_update"]


def marks(**data: Any) -> dict[str, Any]:
    return {"source": "dashboard", "type": "annotation", "data": {"label": "Campaign", **data}}


async def test_a_person_marks_a_time_in_her_own_name_and_never_in_none(office: Office) -> None:
    results = await office.publish(MARY, marks(), marks(by="ann"), marks(by="mary"))
    assert reasons(results) == [
        "by is missing: required is whose the token is, mary",
        "by is 'ann': allowed is whose the token is, mary",
        "",
    ]
    assert reasons(await office.publish(Claims("deploy", "manager", "office"), marks())) == [""], (
        "a machine has no name"
    )


async def test_what_stands_together_is_of_one_location(office: Office) -> None:
    everywhere = Claims("mary", "manager")
    events = [acts("c", "mary") | {"locationid": location} for location in ("a", "b")]
    assert reasons(await office.publish(everywhere, *events, together=True)) == [
        "the events of this publish stand together or not at all, and they are of 2 locations: allowed is one"
    ] * 2  # fmt: skip
    assert office.store.logs() == []


async def test_an_act_says_as_which_agent_and_by_which_name_by_the_token_whatever_the_page_still_calls_him(
    office: Office,
) -> None:
    renamed = replace(ANN, name="Ann Lee")
    for claims in (ANN, renamed, replace(MARY, name="mary"), Claims("bot", "publisher", "office", name="Bot")):
        await office.publish(claims, acts("dana", claims.subject))
    assert told(office) == [{"agent_id": "u-ann"}, {"agent_id": "u-ann", "agent_name": "Ann Lee"}, {}, {}]
