"""Each documented example, word for word, and what it becomes."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.vendors.gohighlevel.webhooks import NOW, Desk, example

CONTACT = "nmFmQEsNgz6AVpgLVUJ0"
CONTACT_TYPES = ("ContactCreate", "ContactUpdate", "ContactTagUpdate", "ContactDndUpdate")
OPPORTUNITY_TYPES = (
    "OpportunityCreate",
    "OpportunityUpdate",
    "OpportunityStageUpdate",
    "OpportunityStatusUpdate",
    "OpportunityMonetaryValueUpdate",
    "OpportunityAssignedToUpdate",
)


@pytest.mark.parametrize("kind", CONTACT_TYPES)
def test_a_contact_that_is_new_to_us_tells_all_its_fields(desk: Desk, kind: str) -> None:
    update, opted_out = desk.read(example("ContactCreate", type=kind)) or []
    changed = update.data["changed"]
    assert (update.type, update.subject, update.data["name"]) == ("contact_update", CONTACT, "John Deo")
    assert changed["phone"] == {"from": None, "to": "+919509597501"}
    assert changed["lead_source"] == {"from": None, "to": "xyz form"}
    assert changed["BcdmQEsNgz6AVpgLVUJ0"] == {"from": None, "to": "XYZ Corp"}
    assert update.data["tags_added"] == ["id magna sed Lorem", "Duis dolor commodo aliqua"]
    assert update.data["first_seen"] is True
    conversation = {"conversation_id": f"contact:{CONTACT}", "contact_id": CONTACT}
    assert opted_out.data == {**conversation, "kind": "opted_out", "summary": "do not disturb"}


def test_a_new_contact_is_dated_by_its_making_and_an_update_by_its_receipt(desk: Desk) -> None:
    assert desk.read(example("ContactCreate"))[0].time == datetime(2021, 11, 26, 12, 41, 2, 193000, UTC)  # type: ignore[index]
    assert desk.only(example("ContactCreate", type="ContactUpdate", city="Austin")).time == NOW


@pytest.mark.parametrize("kind", OPPORTUNITY_TYPES)
def test_an_opportunity_is_a_deal(desk: Desk, kind: str) -> None:
    assert desk.data(example("OpportunityCreate", type=kind)) == {
        "deal_id": "wWhVuzqpRuOA1ZVWi4FC",
        "deal_value": 40,
        "status": "open",
        "contact_id": "cJAWDskpkJHbRbhAT7bs",
        "name": "Loram ipsu",
        "pipeline_id": "VDm7RPYC2GLUvdpKmBfC",
        "stage_id": "e93ba61a-53b3-45e7-985a-c7732dbcdb69",
        "assigned_to": "bNl8QNGXhIQJLv8eeASQ",
    }


MESSAGES: list[tuple[str, dict[str, Any]]] = [
    (
        "InboundMessage-sms",
        {
            "conversation_id": "fcanlLgpbQgQhderivVs",
            "contact_id": "cI08i1Bls3iTB9bKgFJh",
            "kind": "message",
            "direction": "inbound",
            "author": "contact",
            "channel": "sms",
            "body": "This is a test message",
        },
    ),
    (
        "InboundMessage-voicemail",
        {
            "conversation_id": "SGDqZrzmwTA5P7LHkt9F",
            "contact_id": "gb7laj5aYQC4glDtP1r5",
            "kind": "message",
            "direction": "inbound",
            "author": "contact",
            "channel": "voicemail",
            "message_id": "QkNS0DNje0FjoLQdD5O3",
            "attachments": 1,
        },
    ),
    (
        "InboundMessage-email",
        {
            "conversation_id": "yCdNo6pwyTLYKgg6V2gj",
            "contact_id": "3bN9f8LYJFG8F232XMUbfq",
            "kind": "message",
            "direction": "inbound",
            "author": "contact",
            "channel": "email",
            "body": "Testing Email Notification",
            "subject": "Order Confirmed",
        },
    ),
    (
        "OutboundMessage-sms",
        {
            "conversation_id": "fcanlLgpbQgQhderivVs",
            "contact_id": "cI08i1Bls3iTB9bKgFJh",
            "kind": "message",
            "direction": "outbound",  # the type says so; the example's own direction is a slip
            "author": "agent",
            "channel": "sms",
            "body": "This is a test message",
            "delivery": "delivered",
        },
    ),
    (
        "OutboundMessage-call",
        {
            "conversation_id": "SGDqZrzmwTr19d10aHkt9F",
            "contact_id": "gblakL5aYQC4glDtP1r2t3",
            "kind": "call_ended",
            "direction": "outbound",
            "author": "agent",
            "channel": "call",
            "duration_seconds": 120,
            "call_status": "completed",
            "message_id": "tyW42xCD0HQpb3hhfLcx",
            "delivery": "delivered",
            "attachments": 1,
            "agent_id": "xsmF1xxhmC92ZpL1lj7aLa",
        },
    ),
]


@pytest.mark.parametrize(("name", "data"), MESSAGES, ids=[name for name, _ in MESSAGES])
def test_a_message_is_what_was_said_in_a_conversation(desk: Desk, name: str, data: dict[str, Any]) -> None:
    event = desk.only(example(name))
    assert (event.type, event.data) == ("conversation_event", data)
    assert event.time == datetime.fromisoformat(example(name)["dateAdded"])


def test_an_appointment_is_booked(desk: Desk) -> None:
    event = desk.only(example("AppointmentCreate"))
    assert event.data == {
        "conversation_id": "contact:9NkT25Vor1v4aQatFsv2",
        "contact_id": "9NkT25Vor1v4aQatFsv2",
        "kind": "appointment_booked",
        "summary": "Appointment with GHL Dev team · 2023-09-25T16:00:00+05:30",
        "appointment_id": "0007BWpSzSwfiuSl0tR2",
        "appointment_status": "confirmed",
        "starts_at": "2023-09-25T16:00:00+05:30",
        "calendar_id": "BqTwX8QFwXzpegMve9EQ",
        "agent_id": "YlWd2wuCAZQzh2cH1fVZ",
    }
    assert event.time == datetime(2023, 9, 25, 10, 30, tzinfo=UTC)


OTHERS: list[dict[str, Any]] = [
    {"type": "CampaignStatusUpdate", "id": "x", "contactId": "c", "status": "replied", "replied": True},
    {"type": "ProviderOutboundMessage", "contactId": "c", "messageId": "m", "message": "sent by the provider"},
    {"type": "INSTALL", "appId": "a"},
    {"type": "something of next year"},
]


@pytest.mark.parametrize("webhook", OTHERS, ids=[each["type"] for each in OTHERS])
def test_every_other_type_means_nothing_to_us_yet(desk: Desk, webhook: dict[str, Any]) -> None:
    assert desk.read(webhook) is None
