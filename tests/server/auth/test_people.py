"""The matrix by person: every route and frame × every person × own and other office × whose the contact is."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pyarrow as pa
import pytest
import requests

from jorge_data.events import KINDS as EVENTS
from jorge_data.metrics.entities import CUBES
from jorge_data.permissions import KINDS, may_see_kind
from jorge_data.server.query.query_schema import LISTS, OWNERS, fields_of
from jorge_data.server.query.table_request import columns_of
from tests.server.auth.matrix import ROUTES, Route, fill
from tests.server.auth.people import (
    AGENTS,
    FOREIGN,
    OWN,
    PEOPLE,
    PeoplesOffice,
    Somebody,
    about,
    contact,
    seen_in,
)
from tests.server.clients import ask, receive, subscribe
from tests.server.socket_io.polling_client import OpenClient

ALL = frozenset(AGENTS)
EVERYBODY = pytest.mark.parametrize(("somebody", "sees"), PEOPLE.values(), ids=PEOPLE)
READERS = pytest.mark.parametrize(
    ("somebody", "sees"),
    [each for each in PEOPLE.values() if each[0].role != "publisher"],
    ids=[name for name, each in PEOPLE.items() if each[0].role != "publisher"],
)


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PeoplesOffice]:
    with PeoplesOffice(tmp_path_factory.mktemp("office")) as office:
        yield office


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def beginning(answer: requests.Response) -> str:
    """Return the body of an answer; of a stream, its greeting and the log from its beginning."""
    if not answer.headers.get("Content-Type", "").startswith("text/event-stream"):
        return answer.text
    chunks = answer.iter_content(None)
    body: bytes = next(chunks) + next(chunks)
    answer.close()
    return body.decode()


READ = {route: each for route, each in ROUTES.items() if route[0] == "GET" and each.right is not None}
"""The routes that answer with what they read; what others do is tried below, act by act."""


def path_of(route: tuple[str, str], each: Route, location: str, whose: str = "anothers") -> str:
    path = route[1].replace("{contact:path}", contact(whose))  # type: ignore[arg-type]
    if route[1] == "/api/dashboard/metrics":
        return f"{path}?location={location}&names=true"
    if "{" in path:
        path = each.path
    return str(fill(path + each.query, location))


@EVERYBODY
@pytest.mark.parametrize("route", READ, ids=" ".join)
def test_no_route_tells_a_person_of_a_contact_that_he_does_not_see(
    office: PeoplesOffice, route: tuple[str, str], somebody: Somebody, sees: frozenset[str]
) -> None:
    for bound, location in ((None, OWN), (OWN, OWN), (OWN, FOREIGN)):
        answer = office.ask("GET", path_of(route, READ[route], location), somebody, bound, stream=True)
        # What could not be understood may be about anybody: deliveries and refusals may tell less.
        assert seen_in(beginning(answer)) <= (sees if location == OWN else frozenset()), (bound, location)


@EVERYBODY
@pytest.mark.parametrize("path", ["/events", "/events/stream"])
def test_the_log_is_told_as_far_as_a_person_sees_it(
    office: PeoplesOffice, path: str, somebody: Somebody, sees: frozenset[str]
) -> None:
    for bound in (None, OWN):
        answer = office.ask("GET", f"{path}?location={OWN}&after=oldest", somebody, bound, stream=True)
        assert seen_in(beginning(answer)) == sees
    elsewhere = office.ask("GET", f"{path}?location={FOREIGN}&after=oldest", somebody, OWN, stream=True)
    assert (elsewhere.status_code, seen_in(elsewhere.text)) == (403, frozenset())


@READERS
@pytest.mark.parametrize("kind", EVENTS)
def test_a_kind_is_polled_as_far_as_a_person_sees_it_and_its_cursor_moves_past_the_rest(
    office: PeoplesOffice, kind: str, somebody: Somebody, sees: frozenset[str]
) -> None:
    answer = office.ask("GET", f"/events?location={OWN}&after=oldest&types={kind}", somebody)
    if not may_see_kind(somebody.role, kind):
        assert answer.status_code == 403
        return
    page = answer.json()
    assert (page["position"], page["recovered"]) == (page["top"], True)
    assert seen_in(page["events"]) == sees


def rows(office: PeoplesOffice, somebody: Somebody, query: str) -> dict[str, Any]:
    """Return all pages of a table as one."""
    page: dict[str, Any] = {"rows": [], "next": ""}
    while page["next"] is not None:
        cursor = f"&cursor={page['next']}" if page["next"] else ""
        answer = office.ask("GET", f"/api/table?location={OWN}&limit=2&{query}{cursor}", somebody)
        assert answer.status_code == 200, answer.text
        page = {**answer.json(), "rows": page["rows"] + answer.json()["rows"]}
    assert page["total"] == len(page["rows"]), "it says how many rows a person's pages have"
    return page


@READERS
@pytest.mark.parametrize("kind", sorted({*KINDS}))
def test_a_table_has_the_rows_that_a_person_sees(
    office: PeoplesOffice, kind: str, somebody: Somebody, sees: frozenset[str]
) -> None:
    if not may_see_kind(somebody.role, kind):
        assert office.ask("GET", f"/api/table?location={OWN}&kind={kind}", somebody).status_code == 403
        return
    everybodys = rows(office, office.admin, f"kind={kind}")
    names_contacts = seen_in(everybodys) == ALL
    assert names_contacts or not seen_in(everybodys)
    mine = rows(office, somebody, f"kind={kind}")
    if names_contacts:
        assert seen_in(mine) == sees
    elif sees == ALL:
        assert mine == everybodys
    columns = [name for name in columns_of(kind)[0] if name != "seq"]
    if somebody.role != "viewer":
        assert seen_in(rows(office, somebody, f"kind={kind}&columns={','.join(columns)}")) <= sees


NAMING = [(kind, name) for kind in EVENTS for name in fields_of(kind) if name not in CUBES[kind].dims]
"""What each kind of event may be split by beside the vocabulary of its cube, which names nobody."""


@pytest.mark.parametrize(("kind", "field"), NAMING)
def test_a_figure_that_names_contacts_counts_those_that_a_person_sees(
    office: PeoplesOffice, kind: str, field: str
) -> None:
    somebody, sees = PEOPLE["agent"]
    series = f"/api/series?location={OWN}&kind={kind}"
    everybodys = office.ask("GET", f"{series}&by={field}", office.admin)
    assert everybodys.status_code == 200, everybodys.text
    total = sum(row[-1] for row in everybodys.json()["rows"])
    for path in (f"{series}&by={field}&top=1000", f"{series}&by={field}&step=1d", f"{series}&by={field}"):
        mine = office.ask("GET", path, somebody)
        assert mine.status_code == 200, mine.text
        assert seen_in(mine.text) <= sees
        assert sum(row[-1] for row in mine.json()["rows"]) < total
    arrow = {"Accept": "application/vnd.apache.arrow.stream"}
    encoded = office.ask("GET", f"{series}&by={field}", somebody, headers=arrow).content
    table = pa.ipc.open_stream(encoded).read_all()
    assert table.num_rows == len(mine.json()["rows"])
    assert seen_in(json.dumps(table.to_pylist(), default=str)) <= sees
    distinct = f"{series}&measure={field}&agg=distinct"
    [[_, mine_distinct, _]] = office.ask("GET", distinct, somebody).json()["rows"] or [[None, 0, 0]]
    [[_, all_distinct, _]] = office.ask("GET", distinct, office.admin).json()["rows"] or [[None, 0, 0]]
    if seen_in(everybodys.text) == ALL:
        assert mine_distinct < all_distinct


@pytest.mark.parametrize("kind", EVENTS)
def test_no_condition_finds_out_what_another_has(office: PeoplesOffice, kind: str) -> None:
    """Filters, measures and derived dimensions beside the contact: each of these once told of it."""
    somebody, _ = PEOPLE["agent"]
    named = ["subject", *(name for name in ("contact_id", "deal_id", "conversation_id") if name in fields_of(kind))]
    for field in named:
        value = {"deal_id": "d-canary-of-anothers", "conversation_id": "v-canary-of-anothers"}.get(
            field, contact("anothers")
        )
        for path in (
            f"/api/series?location={OWN}&kind={kind}&where={field}:eq:{value}",
            f"/api/series?location={OWN}&kind={kind}&where={field}:in:{value},x&by={CUBES[kind].dims[0]}",
            f"/api/table?location={OWN}&kind={kind}&where={field}:eq:{value}",
        ):
            assert office.ask("GET", path, somebody).json()["rows"] == [], path


@READERS
def test_totals_are_the_offices_for_who_reads_the_kind(
    office: PeoplesOffice, somebody: Somebody, sees: frozenset[str]
) -> None:
    for kind in ("conversation_event", "deal_state", "contact_state", "intent_label", "conversation_edge"):
        path = f"/api/series?location={OWN}&kind={kind}"
        answer = office.ask("GET", path, somebody)
        if may_see_kind(somebody.role, kind):
            assert answer.json()["rows"] == office.ask("GET", path, office.admin).json()["rows"]
        else:
            assert answer.status_code == 403


@READERS
@pytest.mark.parametrize("whose", AGENTS)
def test_a_timeline_is_of_who_is_seen(
    office: PeoplesOffice, whose: Any, somebody: Somebody, sees: frozenset[str]
) -> None:
    answer = office.ask("GET", f"/api/contacts/{contact(whose)}/timeline?location={OWN}", somebody)
    assert seen_in(answer.text) == ({whose} if whose in sees else frozenset())
    if somebody.role == "viewer":
        assert answer.status_code == 403
    elif whose not in sees:
        unknown = office.ask("GET", f"/api/contacts/c-unknown/timeline?location={OWN}", somebody)
        assert (answer.status_code, answer.content) == (unknown.status_code, unknown.content)


@READERS
def test_figures_name_who_is_seen_and_count_what_needs_this_person(
    office: PeoplesOffice, somebody: Somebody, sees: frozenset[str], stack: ExitStack
) -> None:
    told = office.ask("GET", f"/api/dashboard/metrics?location={OWN}&names=true", somebody).json()
    client = office.connect(stack, somebody)
    snapshot = ask(client, type="subscribe", location=OWN, figures=True)["snapshot"]
    pushed = receive(client)["set"]
    for figures in (told, snapshot, pushed):
        assert seen_in(figures) == sees
    assert set(told["bots"]) == {f"bot-{whose}" for whose in AGENTS} | set(told["bots"])
    if somebody.role == "viewer":
        assert (told["needs"], told["board"], told["names"]) == (None, None, None)
        return
    assert {row["contact"] for row in told["board"]["rows"]} == {contact(whose) for whose in AGENTS if whose in sees}
    assert {*told["names"]} == {contact(whose) for whose in AGENTS if whose in sees}
    of_contacts = [item for item in told["needs"]["items"] if item["contact"]]
    assert {item["contact"] for item in of_contacts} <= {contact(whose) for whose in AGENTS if whose in sees}
    assert told["needs"]["count"] == len(told["needs"]["items"])
    everybodys = office.ask("GET", f"/api/dashboard/metrics?location={OWN}", office.admin).json()
    assert told["revenue"] == everybodys["revenue"], "totals are the office's"
    assert told["board"]["count"] == everybodys["board"]["count"]


@READERS
def test_a_socket_serves_what_a_person_sees_resumed_and_live_and_leaves_no_gap(
    office: PeoplesOffice, somebody: Somebody, sees: frozenset[str], stack: ExitStack
) -> None:
    for encoding in ("plain", "gzip"):
        client = office.connect(stack, somebody, OWN)
        assert ask(client, type="subscribe", location=OWN, after=office.oldest(), encoding=encoding)["recovered"]
        last = office.publish(*(about(whose, "conversation_event") for whose in AGENTS), closing_event())
        top = last.json()["results"][-1]["seq"]
        events: list[dict[str, Any]] = []
        position = 0
        while position < top:
            frame = receive(client)
            if "prev" not in frame:
                continue
            assert frame["prev"] == position, "what is not seen is no gap"
            events += frame.get("events") or [frame["event"]]
            position = events[-1]["seq"]
        assert seen_in(events) == sees
        live = [each for each in events if each["seq"] > top - 4]
        assert seen_in(live) == sees
    assert subscribe(office.connect(stack, somebody, OWN), FOREIGN)["code"] == "forbidden"


def closing_event() -> dict[str, Any]:
    """Return an event that everybody sees, and tells of no contact: the last of what is waited for."""
    data = {"component": "the end", "status": "healthy", "response_time_ms": 1}
    return {"source": "bots", "type": "system_health_update", "locationid": OWN, "data": data}


@READERS
def test_socket_io_serves_what_a_person_sees(
    office: PeoplesOffice, somebody: Somebody, sees: frozenset[str], open_client: OpenClient
) -> None:
    client, cursor = open_client(office.url), office.oldest()
    client.connect(location=OWN, token=office.token(somebody), **cursor, figures=True)
    assert seen_in(client.until("subscribed")[1]) == sees
    office.publish(*(about(whose, "conversation_event") for whose in AGENTS), closing_event())
    events: list[Any] = []
    while not any(payload.get("data", {}).get("component") == "the end" for _, payload in events):
        before, newest = client.until("system_health_update")
        events += [*before, ("system_health_update", newest)]
    assert seen_in(events) == sees


@READERS
def test_a_connection_that_goes_on_by_another_token_sees_what_that_sees(
    office: PeoplesOffice, somebody: Somebody, sees: frozenset[str], stack: ExitStack
) -> None:
    client = office.connect(stack, Somebody("manager"))
    ask(client, type="subscribe", location=OWN, figures=True)
    while receive(client)["type"] != "figures":
        pass
    client.send(json.dumps({"type": "refresh", "token": office.token(somebody)}))
    client.send(json.dumps({"type": "nonsense"}))
    while receive(client).get("code") != "invalid":
        pass
    top = office.publish(*(about(whose, "conversation_event") for whose in AGENTS), closing_event())
    last = top.json()["results"][-1]["seq"]
    told: list[dict[str, Any]] = []
    while not told or told[-1].get("as_of", 0) < last:
        told.append(receive(client))
    assert seen_in(told) == sees


@EVERYBODY
@pytest.mark.parametrize("whose", AGENTS)
@pytest.mark.parametrize("kind", EVENTS)
def test_a_person_publishes_about_contacts_that_he_sees(
    office: PeoplesOffice, kind: str, whose: Any, somebody: Somebody, sees: frozenset[str]
) -> None:
    event = about(whose, kind, id=f"a-{whose}-{somebody}") if kind == "intent_analysis_complete" else about(whose, kind)
    event["data"] |= {name: "ann" for name in ("by", "labelled_by") if name in event["data"]}
    answer = office.publish(event, by=somebody)
    allowed = somebody.role not in ("viewer",) and (whose in sees or somebody.role == "publisher")
    assert (answer.status_code == 200) is allowed, answer.text
    if somebody.role == "agent" and not allowed:
        assert "this contact is another agent's" in answer.json()["results"][0]["error"]["detail"]


def test_every_kind_of_fact_says_whose_it_is() -> None:
    assert set(OWNERS) == {kind for kind, cube in CUBES.items() if cube.entity}
    assert {family for family, _ in LISTS.values()} == {"contact", "deal"}
