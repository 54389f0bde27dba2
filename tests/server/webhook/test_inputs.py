"""What vendors and people sent, from public reports: each by the number of its case, through the whole server."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.served import Served
from tests.server.webhook.ghl import PEM, SECRET, contact, deliver, post, signature, work
from tests.server.webhook.translated import settled
from tests.waiting import wait_until

FORM = {"full_name": "Fay Roe", "phone": "+15125550113", "tags": "Hot-Seller,web lead"}


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("inputs")
    with Served(folder, JORGE_GHL_PUBLIC_KEY=PEM, JORGE_WORKFLOW_SECRET=SECRET, JORGE_ZONE="America/Chicago") as server:
        yield server


def told(office: Served, location: str) -> list[dict[str, Any]]:
    """Return the data of a location's events, of what is under way as well."""
    settled(office, location)
    events = office.get("/events", location=location, after="oldest", limit=1000)["events"]
    return [event["data"] for event in events]


def lines(office: Served, location: str, contact_id: str) -> list[dict[str, Any]]:
    """Return a contact's timeline, the newest first."""
    settled(office, location)
    events = office.get(f"/api/contacts/{contact_id}/timeline", location=location)["events"]
    return [event["data"] for event in events]


def figures(office: Served, location: str, section: str) -> dict[str, Any]:
    settled(office, location)
    answer: dict[str, Any] = office.get("/api/dashboard/metrics", location=location)[section]
    return answer


def message(location: str, **fields: Any) -> dict[str, Any]:
    """Return an outbound message by a person, of half an hour ago."""
    ago = (datetime.now(UTC) - timedelta(minutes=30)).isoformat()
    base = {"type": "OutboundMessage", "contactId": "ann", "conversationId": "cv", "messageType": "SMS"}
    base |= {"body": "Hello", "userId": "sam", "dateAdded": ago, "messageId": "m1"}
    return contact(location) | base | fields


def is_hot(office: Served, location: str, contact_id: str) -> bool:
    """Return whether nobody has reached a hot seller, as Needs you lists it."""
    return f"hot:{contact_id}" in [item["item"] for item in figures(office, location, "needs")["items"]]


@pytest.mark.parametrize(
    ("status", "reached"),
    [("failed", False), ("undelivered", False), ("bounced", False), ("sent", False), ("delivered", True), (None, True)],
)
def test_04_only_what_was_delivered_has_reached_a_seller(
    office: Served, location: str, status: str | None, reached: bool
) -> None:
    created = datetime.now(UTC) - timedelta(minutes=40)
    deliver(office, contact(location, tags=["Hot-Seller"], dateUpdated=created.isoformat()))
    wait_until(lambda: is_hot(office, location, "ann"))
    deliver(office, message(location, status=status))
    (sent, *_) = [line for line in lines(office, location, "ann") if line.get("kind") == "message"]
    assert (sent.get("delivery"), sent["agent_id"]) == (status, "sam")
    wait_until(lambda: is_hot(office, location, "ann") is not reached)


def test_06_a_customers_reply_is_a_message_and_no_change_of_fields(office: Served, location: str) -> None:
    form = {"contact_id": "fay", **FORM, "location": {"id": location}}
    custom = {"conversationId": "cv", "contactId": "fay", "messageId": "m1", "body": "Yes, call me at five"}
    work(office, form | {"message": {"type": 2, "body": "Yes, call me at five"}, "customData": custom})
    empty = {"conversationId": "", "contactId": "fay", "messageId": "", "body": ""}
    work(office, form | {"message": {"type": 2, "body": "Hello?"}, "customData": empty})
    replies = [data for data in told(office, location) if data.get("kind") == "message"]
    assert [(data["body"], data["conversation_id"]) for data in replies] == [
        ("Yes, call me at five", "cv"),
        ("Hello?", "cv"),
    ]
    changed = {field for data in told(office, location) for field in data.get("changed", {})}
    assert changed == {"name", "phone"}


def test_07_bodies_as_people_write_them_are_read_or_said_to_be_unclear(office: Served, location: str) -> None:
    here = {"locationId": location}
    work(office, here | {"type": "contact.created", "contact": {"id": "gus", "firstName": "Gus", "lastName": "Roe"}})
    work(office, here | {"type": "opportunity.updated", "opportunity": {"id": "o", "monetaryValue": "350,000"}})
    work(office, here | {"contactId": "gil", "seller_temperature": "hot"})
    work(office, here | {"type": "ContactCreate", "id": "gia", "firstName": "Gia", "tags": ["Hot-Seller"]})
    work(office, here | {"email": "g4@example.com", "event_type": "appointment_completed"})
    names = {data.get("contact_id") for data in told(office, location)} - {None}
    assert names == {"gus", "gil", "gia"}
    assert figures(office, location, "revenue")["pipeline_value"] == 350_000
    newest, *others = settled(office, location)
    assert (newest["state"], "no contact of g4@example.com is known" in newest["error"]) == ("failed", True)
    assert {row["state"] for row in others} == {"translated"}


@pytest.mark.parametrize("zone", ["America/Chicago", "Central Time (US & Canada)", None])
def test_08_an_appointment_is_at_its_time_in_its_zone_or_the_offices(
    office: Served, location: str, zone: str | None
) -> None:
    calendar = {"appointmentId": "apt", "startTime": "2026-12-03T09:00:00", "status": "booked", "title": "Listing"}
    calendar |= {"selectedTimezone": zone} if zone else {}
    work(office, {"contact_id": "hal", **FORM, "location": {"id": location}, "calendar": calendar})
    (booked,) = [data for data in told(office, location) if data.get("kind") == "appointment_booked"]
    assert booked["starts_at"] == "2026-12-03T09:00:00-06:00"


def test_08_a_zone_that_nobody_knows_is_said_to_be_none(office: Served, location: str) -> None:
    calendar = {"appointmentId": "apt", "startTime": "2026-12-03T09:00:00", "selectedTimezone": "Mars/Base"}
    work(office, {"contact_id": "hal", **FORM, "location": {"id": location}, "calendar": calendar})
    (row,) = settled(office, location)
    assert (row["state"], "selectedTimezone is 'Mars/Base'" in row["error"]) == ("failed", True)
    assert [data["starts_at"] for data in told(office, location) if "starts_at" in data] == [
        "2026-12-03T09:00:00-06:00"
    ]


def test_12_a_bad_value_of_a_deal_costs_the_contact_nothing(office: Served, location: str) -> None:
    deal = {"id": "o", "opportunity_name": "L", "status": "open", "lead_value": "TBD"}
    work(office, {"contact_id": "lou", **FORM, **deal, "location": {"id": location}})
    assert figures(office, location, "qualification")["hot"] == 1
    (row,) = settled(office, location)
    assert (row["state"], row["error"].partition(":")[0]) == ("failed", "lead_value is 'TBD'")


def test_31_breaks_and_tabs_are_read_and_the_rest_is_kept_with_its_body(office: Served, location: str) -> None:
    form = '{"contact_id":"con-%d","location":{"id":"' + location + '"},"full_name":"Vi","note":"%s"}'
    texts = ("line one\nline two", "tab\there", "C:\\\\new", "fine")
    for number, text in enumerate(texts):
        body = (form % (number, text)).encode()
        assert post(office, body, "/webhooks/ghl/workflow", X_Jorge_Webhook_Secret=SECRET).status_code == 200
    notes = [data["changed"]["note"]["to"] for data in told(office, location)]
    assert notes == ["line one\nline two", "tab\there", "C:\\new", "fine"]
    unreadable = (form % (9, 'said "maybe"')).encode()
    answer = post(office, unreadable, "/webhooks/ghl/workflow", X_Jorge_Webhook_Secret=SECRET)
    assert (answer.status_code, "which is not JSON" in answer.json()["detail"]) == (200, True)
    kept = [row for row in settled(office, "default") if row["state"] == "failed"]
    assert unreadable.decode() in [row["body"] for row in kept]


def test_33_one_message_told_by_two_apps_with_two_statuses_is_one_line(office: Served, location: str) -> None:
    for more in ({"status": "pending"}, {"status": "delivered"}, {"status": "delivered", "appId": "other"}):
        deliver(office, message(location, **more))
    work(
        office,
        {
            "contact_id": "ann",
            "location": {"id": location},
            "message": {"type": 2, "body": "Hello"} | {"messageId": "m1", "direction": "outbound", "status": "sent"},
        },
    )
    said = [line for line in lines(office, location, "ann") if line.get("kind") == "message"]
    assert [(line["message_id"], line["delivery"]) for line in said] == [("m1", "delivered")]
    rows = office.get("/api/table", location=location, kind="contacts", columns="contact_id,messages", limit=10)["rows"]
    assert rows == [["ann", 1]]


def test_34_an_empty_ping_is_told_what_is_wanted_and_a_list_of_one_is_read(office: Served, location: str) -> None:
    pings: tuple[Any, ...] = ({}, [], None)
    for ping in pings:
        assert "wanted is contact_id" in work(office, ping).json()["detail"]
    body = b"test"
    answer = post(office, body, "/webhooks/ghl/workflow", X_Jorge_Webhook_Secret=SECRET, Content_Type="text/plain")
    assert "send a JSON object" in answer.json()["detail"]
    assert work(office, [{"contact_id": "yo", "first_name": "Yo", "location": {"id": location}}]).status_code == 200
    assert told(office, location)[0]["name"] == "Yo"
    assert post(office, b"{}", "/webhooks/ghl/", X_GHL_Signature=signature(b"{}")).status_code == 200


def test_conversations_of_a_contact_that_is_deleted_are_not_active(office: Served, location: str) -> None:
    for name in ("cv1", "cv2"):
        deliver(office, message(location, conversationId=name, messageId=name, status="delivered"))
    wait_until(lambda: figures(office, location, "conversations")["active"] == 2)
    deliver(office, contact(location, type="ContactDelete"))
    wait_until(lambda: figures(office, location, "conversations")["active"] == 0)
