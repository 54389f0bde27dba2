"""Messages, calls and appointments as they come, beyond the documented examples."""

from datetime import timedelta
from typing import Any

import pytest

from jorge_data.vendors import Json
from tests.vendors.gohighlevel.webhooks import NOW, Desk, example


def message(inbound: bool = True, **fields: Any) -> Json:
    kind = "InboundMessage" if inbound else "OutboundMessage"
    return {"type": kind, "contactId": "ann", "conversationId": "c", "messageType": "SMS", "body": "yes"} | fields


@pytest.mark.parametrize(
    ("kind", "channel"),
    [
        ("SMS", "sms"),
        ("TYPE_SMS", "sms"),
        ("Email", "email"),
        ("TYPE_LIVE_CHAT", "chat"),
        ("Live Chat", "chat"),
        ("VoiceMail", "voicemail"),
        ("WhatsApp", "chat"),
        ("GMB", "chat"),
        ("FAX", "other"),
        (None, "other"),
        (2, "sms"),
        ("2", "sms"),
        (3, "email"),
        (1, "call"),
        (10, "voicemail"),
        (999, "other"),
        ("TYPE_CAMPAIGN_SMS", "sms"),
        ("TYPE_CUSTOM_PROVIDER_EMAIL", "email"),
        ("TYPE_SMS_REVIEW_REQUEST", "sms"),
        ("RCS", "sms"),
    ],
)
def test_a_channel_is_known_by_both_spellings(desk: Desk, kind: Any, channel: str) -> None:
    assert desk.data(message(messageType=kind))["channel"] == channel


@pytest.mark.parametrize(
    ("fields", "author"),
    [
        ({"userId": "jorge"}, "agent"),
        ({"source": "app"}, "agent"),
        ({"source": "workflow"}, "bot"),
        ({"source": "workflow", "userId": "jorge"}, "agent"),
        ({"source": "API"}, "bot"),
        ({"source": "elsewhere"}, None),
        ({}, None),
    ],
)
def test_who_sent_it_is_said_where_it_is_known(desk: Desk, fields: Json, author: str | None) -> None:
    assert desk.data(message(inbound=False, **fields)).get("author") == author


@pytest.mark.parametrize(
    ("inbound", "fields", "kind", "channel"),
    [
        (True, {"status": "completed", "callStatus": "completed"}, "call_ended", "call"),
        (True, {"status": "voicemail", "callStatus": "voicemail"}, "message", "voicemail"),
        (False, {"status": "completed", "callStatus": "voicemail"}, "call_ended", "voicemail"),
    ],
)
def test_calls_and_voicemail(desk: Desk, inbound: bool, fields: Json, kind: str, channel: str) -> None:
    data = desk.data(message(inbound, messageType="CALL", callDuration=61, **fields))
    assert (data["kind"], data["channel"], data["duration_seconds"]) == (kind, channel, 61)


def test_mail_is_read_as_text_and_a_text_message_is_left_as_it_is(desk: Desk) -> None:
    markup = "<p>I &lt;3 it</p>"
    assert desk.data(message(body=markup, messageType="Email"))["body"] == "I <3 it"
    assert desk.data(message(body=markup))["body"] == markup


def test_a_long_message_is_cut_and_says_so(desk: Desk) -> None:
    body = desk.data(message(body="x" * 10_000))["body"]
    assert len(body) == 4000
    assert body.endswith(" … [cut: 10,000 characters]")


def test_a_contact_without_a_conversation_has_one_of_its_own(desk: Desk) -> None:
    assert desk.data(message(conversationId=None))["conversation_id"] == "contact:ann"


def test_a_message_of_nobody_is_a_fault(desk: Desk) -> None:
    with pytest.raises(ValueError, match="contactId is None"):
        desk.read(message(contactId=None))


@pytest.mark.parametrize("odd", [{"callDuration": "long"}, {"attachments": "one"}, {"body": 7}, {"subject": [1]}])
def test_odd_fields_stop_no_message(desk: Desk, odd: Json) -> None:
    assert desk.only(message(**odd)).type == "conversation_event"


def appointment(kind: str = "AppointmentUpdate", **fields: Any) -> Json:
    documented = example("AppointmentCreate", type=kind)
    documented["appointment"] |= {"dateUpdated": NOW.isoformat()} | fields
    return documented


def test_an_appointment_that_moved_is_booked_anew(desk: Desk) -> None:
    desk.read(example("AppointmentCreate"))
    assert desk.read(appointment(notes="bring the keys")) == []
    data = desk.data(appointment(startTime="2026-12-01T09:00:00-06:00"))
    assert (data["kind"], data["starts_at"]) == ("appointment_booked", "2026-12-01T09:00:00-06:00")


def test_an_appointment_called_off_or_removed_is_a_stage(desk: Desk) -> None:
    desk.read(example("AppointmentCreate"))
    data = desk.data(appointment(appointmentStatus="cancelled"))
    assert (data["kind"], data["stage"]) == ("stage_changed", "appointment cancelled")
    assert desk.data(appointment("AppointmentDelete"))["stage"] == "appointment deleted"


def test_an_appointment_belongs_to_the_conversation_that_the_contact_had(desk: Desk) -> None:
    desk.read(message(contactId="9NkT25Vor1v4aQatFsv2"))
    assert desk.data(appointment())["conversation_id"] == "c"


def test_an_older_appointment_moves_nothing_back(desk: Desk) -> None:
    desk.read(appointment())
    older = (NOW - timedelta(hours=1)).isoformat()
    assert desk.read(appointment(startTime="2026-12-01T09:00:00Z", dateUpdated=older)) == []


def test_an_appointment_webhook_without_one_is_a_fault(desk: Desk) -> None:
    with pytest.raises(ValueError, match="id is None"):
        desk.read({"type": "AppointmentCreate", "appointment": "soon"})


def test_an_appointment_keeps_the_contact_that_it_had(desk: Desk) -> None:
    contact = desk.data(example("AppointmentCreate"))["contact_id"]
    assert desk.data(appointment(contactId=None, startTime="2026-12-01T09:00:00-06:00"))["contact_id"] == contact
