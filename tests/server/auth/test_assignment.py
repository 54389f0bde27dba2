"""Whose a contact is, as it changes: seen at once by whom it is given to, and forgotten by whom it is taken from."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from jorge_data.events import new_id
from jorge_data.server.auth.tokens import Identity
from tests.server.auth.people import (
    AGENT,
    ANOTHER,
    OWN,
    PeoplesOffice,
    Somebody,
    Whose,
    about,
    assigned,
    contact,
    seen_in,
)
from tests.server.clients import ask, receive
from tests.server.socket_io.polling_client import OpenClient

ANN, BOB, MANAGER = Somebody("agent", AGENT), Somebody("agent", ANOTHER), Somebody("manager")


@pytest.fixture
def office(tmp_path: Path) -> Iterator[PeoplesOffice]:
    with PeoplesOffice(tmp_path) as office:
        yield office


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def until(client: Any, seq: int) -> list[dict[str, Any]]:
    """Return the frames up to figures as of a position: they come when all that they count is served."""
    frames: list[dict[str, Any]] = []
    while not frames or frames[-1].get("as_of", 0) < seq:
        frames.append(receive(client))
    return frames


def test_a_contact_that_changes_hands_is_seen_by_the_one_and_forgotten_by_the_other(
    office: PeoplesOffice, stack: ExitStack
) -> None:
    ann, bob = office.connect(stack, ANN), office.connect(stack, BOB)
    for client in (ann, bob):
        ask(client, type="subscribe", location=OWN, figures=True)
    said = office.publish(assigned("own", ANOTHER), about("own", "conversation_event"))
    top = said.json()["results"][-1]["seq"]
    lost, won = until(ann, top), until(bob, top)
    assert [frame for frame in lost if frame["type"] == "forget"] == [{"type": "forget", "contact": contact("own")}]
    assert not [frame for frame in lost if "prev" in frame], "neither the change of hands nor what follows"
    assert [frame for frame in won if frame["type"] == "forget"] == []
    assert seen_in([frame for frame in won if "prev" in frame]) == {"own"}
    names = {name: each for frame in won for name, each in frame.get("set", {}).get("names", {}).items()}
    assert contact("own") in names, "whoever gets a contact is told its name"
    assert "own" not in seen_in(lost[-1])
    for path in ("/events?after=oldest&", "/api/dashboard/metrics?names=true&", "/api/table?kind=contacts&"):
        answers = [office.ask("GET", f"{path}location={OWN}", somebody).text for somebody in (ANN, BOB)]
        assert [each in seen_in(answers[0]) for each in ("own", "nobodys")] == [False, True], path
        assert {"own", "nobodys"} <= seen_in(answers[1]), path


def test_whoever_comes_back_is_told_whom_to_forget(
    office: PeoplesOffice, stack: ExitStack, open_client: OpenClient
) -> None:
    page = office.ask("GET", f"/events?location={OWN}", ANN).json()
    cursor = {"epoch": page["epoch"], "seq": page["top"]}
    office.publish(assigned("own", ANOTHER), assigned("nobodys", ANOTHER), assigned("anothers", "u-third"))
    new = about("nobodys", "contact_update", contact_id="c-new", changed={"assigned_to": {"to": ANOTHER}})
    top = office.publish(new | {"subject": "c-new"}).json()["results"][-1]["seq"]
    gone = {contact("own"), contact("nobodys")}
    client = office.connect(stack, ANN)
    ask(client, type="subscribe", location=OWN, after=cursor, figures=True)
    assert {frame["contact"] for frame in until(client, top) if frame["type"] == "forget"} == gone
    polled = office.ask("GET", f"/events?location={OWN}&after={cursor['epoch']}:{cursor['seq']}", ANN).json()
    assert (set(polled["forget"]), polled["events"]) == (gone, [])
    assert "forget" not in office.ask("GET", f"/events?location={OWN}&after=oldest", ANN).json(), "it had nothing yet"
    assert "forget" not in office.ask("GET", f"/events?location={OWN}&after=oldest", MANAGER).json()
    last = {"Last-Event-ID": f"{cursor['epoch']}:{cursor['seq']}"}
    stream = office.ask("GET", f"/events/stream?location={OWN}", ANN, headers=last, stream=True)
    told: set[str] = set()
    lines = stream.iter_lines(decode_unicode=True, chunk_size=1)
    while told != gone:
        if next(lines) == "event: forget":
            told.add(json.loads(next(lines)[6:])["contact"])
    stream.close()
    socket_io = open_client(office.url)
    socket_io.connect(location=OWN, token=office.token(ANN), **cursor)
    assert {socket_io.until("forget")[1]["contact"] for _ in gone} == gone


def test_an_agent_is_told_to_forget_who_was_erased_and_no_name_of_anothers(
    office: PeoplesOffice, stack: ExitStack
) -> None:
    def erase(whose: Whose) -> None:
        answer = office.ask("POST", f"/api/contacts/{contact(whose)}/erase?location={OWN}", office.admin)
        assert json.loads(answer.text.splitlines()[-1])["done"], answer.text

    def told(after: str, somebody: Somebody) -> list[str]:
        page = office.ask("GET", f"/events?location={OWN}&types=conversation_event&after={after}", somebody).json()
        return list(page.get("forget", ()))

    page = office.ask("GET", f"/events?location={OWN}", ANN).json()
    before = f"{page['epoch']}:{page['top']}"
    ann = office.connect(stack, ANN)
    ask(ann, type="subscribe", location=OWN, types=["conversation_event"])
    office.publish(assigned("nobodys", ANOTHER))
    assert receive(ann) == {"type": "forget", "contact": contact("nobodys")}
    erase("nobodys")
    erase("own")
    assert receive(ann) == {"type": "forget", "contact": contact("own")}
    assert told(before, MANAGER) == [contact("nobodys"), contact("own")]
    assert told(before, BOB) == [contact("nobodys")]
    assert told(before, ANN) == [contact("nobodys"), contact("own")], "lost first, then erased: he held its lines"
    page = office.ask("GET", f"/events?location={OWN}", ANN).json()
    erase("anothers")
    assert told(f"{page['epoch']}:{page['top']}", ANN) == [], "he never saw it, and is not told its name"


def test_an_agent_of_a_login_who_is_none_of_the_crm_sees_what_is_nobodys(office: PeoplesOffice) -> None:
    token = office.inside.tokens.issue("agent", "zoe", 3600, None, Identity(session="s-1"))
    headers = {"Authorization": f"Bearer {token}"}
    page = office.session.get(f"{office.url}/events?location={OWN}&after=oldest", headers=headers, timeout=20)
    assert seen_in(page.text) == {"nobodys"}


def test_the_newest_event_by_time_says_whose_a_contact_is_in_whichever_spelling(office: PeoplesOffice) -> None:
    def sees(somebody: Somebody) -> bool:
        return "own" in seen_in(office.ask("GET", f"/events?location={OWN}&after=oldest", somebody).text)

    office.publish(assigned("own", ANOTHER) | {"time": "2020-01-01T00:00:00Z"})
    assert (sees(ANN), sees(BOB)) == (True, False)
    office.publish(about("own", "contact_update", changed={}, assigned_to=ANOTHER))
    assert (sees(ANN), sees(BOB)) == (False, True)
    office.publish(about("own", "contact_update", changed={}, assigned_to=None))
    assert (sees(ANN), sees(BOB)) == (False, True), "null says nothing"
    office.publish(assigned("own", None))
    assert (sees(ANN), sees(BOB)) == (True, True), "a field that changed to null says that it is nobody's"


def error(office: PeoplesOffice, event: dict[str, Any], by: Somebody) -> str:
    """Return why an event is refused, empty where it is not."""
    result = office.publish(event, by=by).json()["results"][0]
    return str(result.get("error", {}).get("detail", ""))


@pytest.mark.parametrize(("kind", "field"), [("attention_update", "by"), ("intent_feedback", "labelled_by")])
def test_a_person_acts_in_his_own_name(office: PeoplesOffice, kind: str, field: str) -> None:
    for somebody in (ANN, Somebody("manager", AGENT)):
        assert error(office, about("own", kind, **{field: "ann"}), somebody) == ""
        refused = error(office, about("own", kind, **{field: "eve"}), somebody)
        assert f"{field} is 'eve': allowed is whose the token is, ann" in refused
    for plain in (Somebody("manager"), Somebody("publisher")):
        assert error(office, about("own", kind, **{field: "eve"}), plain) == "", "as a front end of one's own does"


def test_a_person_acts_as_no_other_agent_of_the_crm(office: PeoplesOffice) -> None:
    act = about("own", "attention_update", by="ann")
    for field, own in (("agent_id", AGENT), ("agent_name", "ann")):
        assert error(office, act | {"id": new_id(), "data": act["data"] | {field: own}}, ANN) == ""
        refused = error(office, act | {"id": new_id(), "data": act["data"] | {field: "eve"}}, ANN)
        assert f"{field} is 'eve': allowed is whose the token is" in refused


def test_who_may_not_assign_gives_nothing_to_others(office: PeoplesOffice) -> None:
    act, boss = {"action": "assigned", "by": "ann"}, Somebody("manager", "u-boss")
    assert "may not assign to others" in error(office, about("own", "attention_update", **act, to="bob"), ANN)
    assert error(office, about("own", "attention_update", **act, to="ann"), ANN) == ""
    assert error(office, about("own", "attention_update", **act, to="bob"), boss) == ""
    assert "may not assign to others" in error(office, assigned("own", ANOTHER), ANN)
    assert "may not assign to others" in error(office, about("own", "contact_update", deleted=True), ANN)
    assert "another agent's" in error(office, assigned("anothers", AGENT), ANN), "nor does he take what is another's"
    assert error(office, assigned("nobodys", AGENT), ANN) == "", "what is nobody's he may take for himself"
    assert error(office, assigned("own", ANOTHER), boss) == ""


def test_no_event_about_a_deal_takes_it_from_the_agent_of_its_contact(office: PeoplesOffice) -> None:
    taking = about("own", "commission_update", deal_id="d-canary-of-anothers")
    bare = about("anothers", "commission_update", contact_id=None) | {"subject": None}
    for deal in (taking, bare):
        assert "another agent's" in error(office, deal, ANN)
        with ExitStack() as stack:
            [result] = ask(office.connect(stack, ANN), type="publish", ref=1, events=[deal])["results"]
            assert "another agent's" in result["error"]["detail"]


@pytest.mark.parametrize(("method", "path"), [("GET", f"/api/refusals?location={OWN}"), ("POST", "/api/sync/ghl")])
def test_what_may_be_about_anybody_is_not_for_who_sees_his_own(office: PeoplesOffice, method: str, path: str) -> None:
    answer = office.ask(method, path, ANN)
    assert (answer.status_code, "of one agent's contacts may not" in answer.text) == (403, True)
    assert "of one agent's contacts" not in office.ask(method, path, Somebody("agent")).text
