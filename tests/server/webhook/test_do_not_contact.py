"""Do not contact, through the whole server: what vendors tell, and what the office sees of it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.served import Served
from tests.server.webhook.ghl import PEM, SECRET, contact, deliver, work
from tests.server.webhook.translated import settled
from tests.waiting import wait_until

MINUTE = timedelta(minutes=1)


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    environment = {"JORGE_GHL_PUBLIC_KEY": PEM, "JORGE_WORKFLOW_SECRET": SECRET}
    with Served(tmp_path_factory.mktemp("consent"), **environment) as server:
        yield server


def message(location: str, minutes_ago: int, body: str, **fields: Any) -> dict[str, Any]:
    at = (datetime.now(UTC) - minutes_ago * MINUTE).isoformat()
    sent = {"type": "OutboundMessage", "contactId": "ann", "conversationId": "c-1", "messageType": "SMS"}
    return {**sent, "locationId": location, "body": body, "dateAdded": at, "source": "workflow", **fields}


def told(office: Served, location: str) -> list[tuple[str, str | None]]:
    """Return the optings out and in that the log has, each with its channel."""
    settled(office, location)
    events = office.get("/events", location=location, after="oldest", limit=1000)["events"]
    consents = [event["data"] for event in events if event["data"].get("kind") in ("opted_out", "opted_in")]
    return [(data["kind"], data.get("channel")) for data in consents]


def figures(office: Served, location: str) -> Any:
    settled(office, location)
    wait_until(lambda: office.get("/api/dashboard/metrics", location=location)["counting"] is None)
    return office.get("/api/dashboard/metrics", location=location)


def test_who_is_texted_by_a_workflow_after_stop_needs_a_person_who_sees_both_events(
    office: Served, location: str
) -> None:
    deliver(office, contact(location))
    deliver(office, message(location, 60, "Stop", type="InboundMessage"))
    deliver(office, message(location, 59, "You have been unsubscribed."))
    deliver(office, message(location, 50, "I am sorry, Ann. It's Jorge.", userId="u-1"))
    assert figures(office, location)["needs"]["items"] == []
    deliver(office, message(location, 20, "Still selling, Ann?"))
    (need,) = figures(office, location)["needs"]["items"]
    assert need["item"] == "optout:ann"
    assert (need["name"], need["says"]) == ("Ann Lee", "was texted 40 m after STOP")
    texts = [event["text"] for event in need["events"]]
    assert texts == ["opted out of SMS · STOP", "text sent · “Still selling, Ann?”"]
    assert told(office, location) == [("opted_out", "sms")]
    deliver(office, message(location, 5, "START", type="InboundMessage"))
    assert figures(office, location)["needs"]["items"] == []


@pytest.mark.parametrize(
    ("settings", "due"), [({"SMS": "permanent"}, 1), ({"Call": "active"}, 0), ({"Email": "active"}, 1)]
)
def test_a_call_is_due_no_more_once_calls_are_blocked_and_else_it_is(
    office: Served, location: str, settings: dict[str, str], due: int
) -> None:
    step = {"contact_id": "ann", "sequence_day": 3, "action_type": "sms_sent", "success": True}
    now = datetime.now(UTC)
    promised = {**step, "next_action_date": now.isoformat()}
    event = {"source": "lead-bot", "type": "lead_bot_sequence_update", "time": (now - MINUTE).isoformat()}
    office.post([{**event, "locationid": location, "data": promised}])
    dnd = {name: {"status": status} for name, status in settings.items()}
    deliver(office, contact(location, type="ContactDndUpdate", dnd=False, dndSettings=dnd))
    sequences = figures(office, location)["sequences"]
    assert sequences["due_today"] + sequences["overdue"] == due  # midnight may lie between


def test_a_tag_that_a_workflow_sets_is_heard(office: Served, location: str) -> None:
    form = {"contact_id": "ann", "full_name": "Ann Lee", "location": {"id": location}}
    work(office, {**form, "tags": "Hot-Seller, Do-Not-Text"})
    assert told(office, location) == [("opted_out", "sms")]
    work(office, {**form, "tags": "Hot-Seller"})
    assert told(office, location) == [("opted_out", "sms"), ("opted_in", "sms")]


def test_who_unsubscribes_from_a_mail_is_found_by_the_address(office: Served, location: str) -> None:
    deliver(office, contact(location, email="Ann@Example.com"))
    settled(office, location)
    happened = {"event": "unsubscribed", "timestamp": datetime.now(UTC).timestamp(), "recipient": "ann@example.com"}
    deliver(office, {"type": "LCEmailStats", "locationId": location, "webhookPayload": happened})
    assert told(office, location) == [("opted_out", "email")]
    nobody = {**happened, "recipient": "bob@example.com"}
    deliver(office, {"type": "LCEmailStats", "locationId": location, "webhookPayload": nobody})
    assert settled(office, location)[0]["state"] == "ignored"
    assert "nobody of whom the CRM told has this address" in settled(office, location)[0]["error"]
