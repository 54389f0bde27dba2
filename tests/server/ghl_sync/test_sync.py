"""Synchronization: all that GoHighLevel has becomes events once; what webhooks missed comes late, nothing twice."""

import json
import threading
from typing import Any

import requests

from tests.served import Served
from tests.server.ghl_sync.api import LOCATION, POISON, FakeGHL, deal, person
from tests.server.webhook.ghl import deliver
from tests.server.webhook.translated import events, settled
from tests.waiting import wait_until

Json = dict[str, Any]


def sync(office: Served) -> list[Json]:
    """Ask for a synchronization; return the lines of its progress, to the last."""
    answer = requests.post(f"{office.url}/api/sync/ghl", headers=office.bearer(), timeout=60)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/x-ndjson"
    return [json.loads(line) for line in answer.text.splitlines()]


def kinds(office: Served, count: int) -> list[str]:
    return sorted(event["type"] for event in events(office, LOCATION, count))


def test_all_that_is_there_is_told_once(office: Served, ghl: FakeGHL) -> None:
    ghl.opportunities = [deal(number) for number in range(250)]
    ghl.contacts = [person(number) for number in range(120)]
    office.start()
    last = sync(office)[-1]
    assert (last["ended"], last["listing"], last["done"], last["total"]) == (True, "contacts", 120, 120)
    assert kinds(office, 370) == ["commission_update"] * 250 + ["contact_update"] * 120
    assert sync(office)[-1]["changed"] == 0
    events(office, LOCATION, 370)


def test_stages_and_fields_are_told_by_their_names(office: Served, ghl: FakeGHL) -> None:
    ghl.opportunities = [deal(1)]
    ghl.contacts = [person(1, customFields=[{"id": "f-1", "value": "Downsizing"}])]
    office.start()
    sync(office)
    data = {event["type"]: event["data"] for event in events(office, LOCATION, 2)}
    assert data["commission_update"]["stage"] == "Showing"
    assert data["contact_update"]["changed"]["motivation"] == {"from": None, "to": "Downsizing"}


def test_only_what_differs_is_told(office: Served, ghl: FakeGHL) -> None:
    ghl.opportunities = [deal(number) for number in range(3)]
    office.start()
    sync(office)
    ghl.opportunities[1] = deal(1, status="won", updatedAt="2026-01-06T10:00:00.000Z")
    assert sync(office)[-1]["changed"] == 1
    newest = events(office, LOCATION, 4)[-1]
    assert (newest["subject"], newest["data"]["status"]) == ("contact-0001", "won")
    assert newest["time"].startswith("2026-01-06T10:00:00")


def test_what_a_webhook_told_is_not_told_again(office: Served, ghl: FakeGHL) -> None:
    ghl.opportunities = [deal(1)]
    office.start()
    sync(office)
    changed = deal(1, monetaryValue=9_000)
    deliver(office, {"type": "OpportunityMonetaryValueUpdate", "webhookId": "w-1", **changed})
    events(office, LOCATION, 2)
    ghl.opportunities = [deal(1, monetaryValue=9_000, updatedAt="2026-01-06T10:00:00.000Z")]
    assert sync(office)[-1]["changed"] == 0
    late = {"type": "OpportunityUpdate", "webhookId": "w-2", **ghl.opportunities[0]}
    deliver(office, late)
    events(office, LOCATION, 2)


def test_a_server_that_is_killed_goes_on_from_the_last_page(office: Served, ghl: FakeGHL) -> None:
    ghl.opportunities = [deal(number) for number in range(450)]
    ghl.held.clear()
    office.start()
    wait_until(lambda: any("startAfterId" in query for _, query in ghl.asked))
    settled(office, LOCATION)
    office.kill()
    ghl.held.set()
    ghl.asked.clear()
    office.start()
    assert sync(office)[-1]["done"] == 0  # of contacts, which are listed last
    first = next(query for path, query in ghl.asked if path == "/opportunities/search")
    assert first["startAfterId"] == "deal-0099"
    translated = events(office, LOCATION, 450)
    assert len({event["data"]["deal_id"] for event in translated}) == 450


def test_what_was_removed_there_is_told_as_removed_here(office: Served, ghl: FakeGHL) -> None:
    ghl.opportunities = [deal(number) for number in range(3)]
    ghl.contacts = [person(1)]
    office.start()
    sync(office)
    ghl.unlisted = [ghl.opportunities.pop(0)]
    removed = ghl.opportunities.pop(0)
    ghl.contacts = []
    assert sync(office)[-1]["changed"] == 2
    data = {event["type"]: event["data"] for event in events(office, LOCATION, 6)[4:]}
    assert data["commission_update"].items() >= {"deal_id": removed["id"], "status": "deleted"}.items()
    assert data["contact_update"]["changed"] == {"deleted": {"from": False, "to": True}}
    assert sync(office)[-1]["changed"] == 0


def test_the_server_ends_while_somebody_follows(office: Served, ghl: FakeGHL) -> None:
    ghl.opportunities = [deal(number) for number in range(150)]
    ghl.held.clear()
    office.start()
    headers = office.bearer()
    with requests.post(f"{office.url}/api/sync/ghl", headers=headers, stream=True, timeout=30) as following:
        lines = following.iter_lines()
        assert json.loads(next(lines))["ended"] is False
        stopping = threading.Thread(target=office.stop)  # while the API still owes an answer
        stopping.start()
        last = json.loads(list(lines)[-1])
        stopping.join(20)
    assert (last["ended"], last["error"]) == (True, "the server ends: the next synchronization goes on from here")
    assert office.process.poll() is not None


def test_who_asks_meanwhile_follows_the_one_that_is_under_way(office: Served, ghl: FakeGHL) -> None:
    ghl.opportunities = [deal(number) for number in range(150)]
    ghl.held.clear()
    office.start()
    with requests.post(f"{office.url}/api/sync/ghl", headers=office.bearer(), stream=True, timeout=30) as first:
        lines = first.iter_lines()
        next(lines)
        ghl.held.set()
        assert sync(office)[-1]["changed"] == json.loads(list(lines)[-1])["changed"]
    assert [path for path, _ in ghl.asked].count("/opportunities/pipelines") == 1


def test_no_address_of_an_answer_is_followed(office: Served, ghl: FakeGHL) -> None:
    ghl.opportunities = [deal(number) for number in range(101)]
    office.start()
    sync(office)
    assert POISON not in office.log
    assert {path for path, _ in ghl.asked} == {
        f"/locations/{LOCATION}/customFields",
        "/opportunities/pipelines",
        "/users/",
        "/opportunities/search",
        "/contacts/",
    }


def test_without_a_token_it_is_off_and_says_what_to_set(served: Served) -> None:
    answer = served.session.post(f"{served.url}/api/sync/ghl", headers=served.bearer(), timeout=10)
    assert answer.status_code == 403
    assert "JORGE_GHL_TOKEN" in answer.json()["error"]["detail"]


def test_who_sees_no_contacts_there_may_not_ask(office: Served) -> None:
    office.start()
    for headers, status in (
        ({}, 401),
        (office.bearer("viewer"), 403),
        (office.bearer("publisher"), 403),
        (office.bearer("publisher", location=LOCATION), 403),
        (office.bearer("agent", location="elsewhere"), 403),
    ):
        answer = requests.post(f"{office.url}/api/sync/ghl", headers=headers, timeout=10)
        assert answer.status_code == status, headers
        assert '"ended"' not in answer.text
