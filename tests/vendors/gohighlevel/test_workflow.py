"""Workflow webhooks: a form that promises nothing, or events in ours."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from jorge_data.errors import Forbidden, Invalid, Unauthenticated
from jorge_data.vendors import Json, Translation, VendorEntity
from jorge_data.vendors.gohighlevel import CUSTOM_FIELDS, Workflow
from tests.vendors.gohighlevel.webhooks import NOW, Desk

FORM = {
    "contact_id": "ann",
    "first_name": "Ann",
    "full_name": "Ann Lee",
    "tags": "Seller,Hot-Seller",
    "phone": "+15125550147",
    "Timeline Urgency": "30 days",
    "location": {"id": "ve9EPM428h8vShlRW1KT", "name": "Jorge's"},
    "workflow": {"id": "w", "name": "Hot seller"},
    "triggerData": {},
    "customData": {"campaign_code": "spring"},
}
DEAL = {
    "id": "deal-1",
    "opportunity_name": "12 Oak St",
    "status": "open",
    "lead_value": 300_000,
    "pipeline_id": "p",
    "pipeline_name": "Listings",
    "pipleline_stage": "Showing",
}
STATUS = {"type": "bot_status_update", "data": {"bot_type": "jorge-seller", "status": "active"}}


@pytest.fixture
def desk() -> Desk:
    desk = Desk()
    desk.vendor = Workflow("s3cret")  # type: ignore[assignment]
    return desk


def opened(body: Any) -> Any:
    return Workflow("s3cret").open(body, json.dumps(body).encode(), NOW)


def test_a_contacts_form_is_read_by_its_labels(desk: Desk) -> None:
    update, progress = desk.read(FORM) or []
    assert update.data["changed"] == {
        "name": {"from": None, "to": "Ann Lee"},
        "phone": {"from": None, "to": "+15125550147"},
        "Timeline Urgency": {"from": None, "to": "30 days"},
        "campaign_code": {"from": None, "to": "spring"},
    }
    assert update.data["tags_added"] == ["Seller", "Hot-Seller"]
    assert progress.data["seller_temperature"] == "hot"


def test_a_label_and_an_id_are_one_field_where_the_names_are_known(desk: Desk) -> None:
    desk.seen[CUSTOM_FIELDS] = {"f1": "Timeline Urgency"}
    desk.read(FORM)
    assert desk.seen[VendorEntity("contact", "ann")]["custom"]["f1"] == "30 days"


def test_of_two_fields_of_one_name_the_first_is_meant(desk: Desk) -> None:
    desk.seen[CUSTOM_FIELDS] = {"f1": "Timeline Urgency", "f2": "timeline_urgency"}
    desk.read(FORM)
    assert desk.seen[VendorEntity("contact", "ann")]["custom"]["f1"] == "30 days"


def test_custom_data_may_be_a_list(desk: Desk) -> None:
    events = desk.read({"contact_id": "ann", "customData": [{"id": "code", "fieldValue": "spring"}, 7]}) or []
    assert events[0].data["changed"] == {"code": {"from": None, "to": "spring"}}


def test_an_opportunity_comes_with_its_contact_and_the_misspelt_stage(desk: Desk) -> None:
    events = desk.read(FORM | DEAL) or []
    assert [event.type for event in events] == [
        "contact_update",
        "jorge_qualification_progress",
        "commission_update",
    ]
    deal = events[2].data
    assert (deal["deal_id"], deal["name"], deal["stage"], deal["probability"]) == (
        "deal-1",
        "12 Oak St",
        "Showing",
        0.4,
    )


def test_our_own_events_go_through_as_they_are(desk: Desk) -> None:
    assert desk.only(STATUS).data == STATUS["data"]
    assert [event.type for event in desk.read([STATUS, STATUS]) or []] == ["bot_status_update"] * 2


def test_a_location_is_found_wherever_it_stands() -> None:
    assert opened(FORM).location == "ve9EPM428h8vShlRW1KT"
    assert opened({"location_id": "a"}).location == "a"
    assert opened({**STATUS, "locationid": "b"}).location == "b"
    assert opened({"contact_id": "ann", "customData": {"locationId": "c"}}).location == "c"
    assert opened({"contact_id": "ann"}).location is None


def test_forms_of_two_locations_in_one_body_are_nobodys() -> None:
    with pytest.raises(Invalid, match="the body is of 2 locations, a, b: send each alone"):
        opened([{"contact_id": "ann", "location_id": "a"}, {"contact_id": "bob", "location_id": "b"}])


def test_the_same_bytes_are_the_same_delivery() -> None:
    assert opened(FORM).key == opened(FORM).key != opened(DEAL).key
    forms = (FORM, FORM | DEAL, {"hello": "world"}, STATUS, FORM | {"message": {"body": "yes"}})
    assert [opened(body).type for body in forms] == ["contact", "opportunity", "other", "bot_status_update", "message"]


def test_the_same_form_is_a_repeat_while_it_may_be_a_retry_and_the_same_events_are_one_always() -> None:
    assert [opened(body).known_for for body in (FORM, STATUS, [STATUS])] == [timedelta(minutes=5), None, None]


@pytest.mark.parametrize("body", [[], {}, [1], "text", 7, None])
def test_what_is_no_form_is_said_to_be_none_with_what_is_wanted(body: Any) -> None:
    with pytest.raises(Invalid, match="wanted is contact_id"):
        opened(body)


@pytest.mark.parametrize("given", [{}, {"x-jorge-webhook-secret": ""}, {"x-jorge-webhook-secret": "s3cres"}])
def test_without_the_secret_nobody_enters(given: dict[str, str]) -> None:
    Workflow("s3cret").verify({"x-jorge-webhook-secret": "s3cret"}, b"", NOW)
    with pytest.raises(Unauthenticated):
        Workflow("s3cret").verify(given, b"", NOW)


def test_a_secret_of_other_letters_than_ascii_is_compared_by_its_bytes() -> None:
    as_received = "schlüssel".encode().decode("latin-1")
    Workflow("schlüssel").verify({"x-jorge-webhook-secret": as_received}, b"", NOW)


def test_without_a_secret_set_it_is_off() -> None:
    with pytest.raises(Forbidden, match="set JORGE_WORKFLOW_SECRET"):
        Workflow("").verify({"x-jorge-webhook-secret": ""}, b"", NOW)


MESSAGE = {"message": {"type": 2, "body": "Yes, call me at five"}}
CUSTOM = {"conversationId": "cv", "contactId": "ann", "messageId": "m1", "body": "Yes, call me at five"}
EMPTY = {"conversationId": "", "contactId": "ann", "messageId": "", "body": ""}
REPLIES: dict[str, Any] = {
    "the standard action": FORM | MESSAGE,
    "with custom data": FORM | MESSAGE | {"customData": CUSTOM},
    "with empty custom data": FORM | MESSAGE | {"customData": EMPTY},
    "in custom data alone": {"contact_id": "ann", "customData": CUSTOM | {"type": "SMS"}},
    "flat": {"contactId": "ann", "messageId": "m1", "body": "Yes, call me at five", "channel": "SMS"},
    "as people write it": {"contactId": "ann", "messageBody": "Yes, call me at five", "type": "InboundMessage"}
    | {"conversationId": "cv", "messageType": "SMS"},
    "the platform's own": {"type": "InboundMessage", "contactId": "ann", "messageType": "SMS"}
    | {"body": "Yes, call me at five", "id": "x"},
    "by n8n": [{"headers": {}, "params": {}, "query": {}, "body": {"contact_id": "ann"} | MESSAGE}],
    "by Make": {"data": {"contactId": "ann", "message": {"messageType": "SMS", "text": "Yes, call me at five"}}},
    "by Zapier": {"contact__id": "ann", "message_body": "Yes, call me at five", "message_type": "SMS"},
}


@pytest.mark.parametrize("form", REPLIES.values(), ids=REPLIES)
def test_a_reply_is_an_inbound_message_and_no_change_of_fields(desk: Desk, form: Any) -> None:
    *updates, reply = desk.read(form) or []
    expected = {"contact_id": "ann", "kind": "message", "direction": "inbound", "author": "contact", "channel": "sms"}
    expected |= {"body": "Yes, call me at five"}
    assert {name: reply.data.get(name) for name in expected} == expected
    changed = {field for update in updates for field in update.data.get("changed", {})}
    assert not changed & {"body", "messageId", "conversationId", "message", "message_body", "direction", "channel"}


def test_a_message_by_the_office_is_an_outbound_one(desk: Desk) -> None:
    body = {"contact_id": "ann", "message": {"body": "Hello", "direction": "outbound", "type": 3, "status": "bounced"}}
    data = desk.data(body)
    assert (data["direction"], data["channel"], data["delivery"]) == ("outbound", "email", "bounced")


@pytest.mark.parametrize("label", ["Message", "Note", "Task", "Call Status", "Order", "Direction"])
def test_a_text_under_the_word_of_a_trigger_is_a_custom_field(desk: Desk, label: str) -> None:
    data = desk.data({"contact_id": "ann", "full_name": "Ann", label: "call after 5"})
    assert data["changed"][label] == {"from": None, "to": "call after 5"}


CALENDAR = {
    "title": "Listing appointment",
    "calendarName": "Visits",
    "selectedTimezone": "America/Chicago",
    "appointmentId": "apt-1",
    "startTime": "2026-12-03T09:00:00",
    "endTime": "2026-12-03T09:30:00",
    "status": "booked",
    "appoinmentStatus": "confirmed",
    "id": "cal-1",
}


def test_an_appointment_is_booked_at_that_time_in_that_zone(desk: Desk) -> None:
    *_, booked = desk.read(FORM | {"calendar": CALENDAR}) or []
    told = {name: booked.data.get(name) for name in ("kind", "appointment_id", "starts_at", "calendar_id")}
    assert told == {
        "kind": "appointment_booked",
        "appointment_id": "apt-1",
        "starts_at": "2026-12-03T09:00:00-06:00",
        "calendar_id": "cal-1",
    }


@pytest.mark.parametrize("status", ["cancelled", "Canceled", "noshow", "no_show", "invalid"])
def test_of_two_statuses_the_appointments_own_counts(desk: Desk, status: str) -> None:
    (event,) = desk.read({"contact_id": "ann", "calendar": CALENDAR | {"appoinmentStatus": status}}) or []
    assert (event.data["kind"], event.data["stage"]) == ("stage_changed", f"appointment {status.lower()}")


@pytest.mark.parametrize(
    "form",
    [
        {"appointment": {"id": "apt-1", "startTime": "2026-12-03T09:00:00-06:00", "status": "confirmed"}},
        {"appointment_id": "apt-1", "appointment_start_time": "12/03/2026 9:00 AM CST"},
        {"appointmentId": "apt-1", "startTime": "2026-12-03 09:00", "selectedTimezone": "America/Chicago"},
        {"calendar": {"appointmentId": "apt-1", "startTime": "Thu, Dec 3rd, 2026 | 9:00 am -06:00"}},
    ],
)
def test_an_appointment_as_people_write_it(desk: Desk, form: Json) -> None:
    event = (desk.read({"contact_id": "ann", **form}) or [])[-1]
    assert event.data["appointment_id"] == "apt-1"
    assert datetime.fromisoformat(event.data["starts_at"]) == datetime(2026, 12, 3, 15, tzinfo=UTC)


def test_a_time_that_is_none_costs_itself_alone(desk: Desk) -> None:
    form = {"contact_id": "ann", "calendar": CALENDAR | {"startTime": "soon"}}
    translation = desk.vendor.translate(form, {}, NOW)
    assert translation is not None
    assert translation.events[0]["data"]["kind"] == "appointment_booked"
    assert translation.faults == ("startTime is 'soon': allowed is a moment, as in 2026-11-23T14:07:31-06:00",)


def test_a_task_and_a_note_are_told_with_who_did_it(desk: Desk) -> None:
    task = {"title": "Call Ann", "dueDate": "2026-12-03T15:00:00Z", "assignedTo": "sam"}
    data = desk.data({"contact_id": "ann", "task": task})
    assert (data["kind"], data["summary"], data["agent_id"]) == ("task", "Call Ann", "sam")
    assert data["due_at"] == "2026-12-03T15:00:00+00:00"
    data = desk.data({"contact_id": "ann", "note": {"body": "Likes <b>dogs</b>", "userId": "sam"}})
    assert (data["kind"], data["body"], data["agent_id"]) == ("note", "Likes dogs", "sam")


@pytest.mark.parametrize(
    "call",
    [{"callStatus": "no-answer"}, {"call": {"status": "no-answer"}}, {"customData": {"call_status": "no-answer"}}],
)
def test_a_call_says_whether_it_reached_anybody(desk: Desk, call: Json) -> None:
    data = desk.data({"contact_id": "ann", **call})
    assert (data["kind"], data["channel"], data["delivery"]) == ("call_ended", "call", "undelivered")


SHAPES: dict[str, Json] = {
    "nested": {"type": "contact.created", "contact": {"id": "ann", "firstName": "Ann", "lastName": "Lee"}},
    "flat": {"contactId": "ann", "name": "Ann Lee"},
    "with labels": {"Contact ID": "ann", "First Name": "Ann", "Last Name": "Lee"},
    "with points": {"contact.id": "ann", "contact.name": "Ann Lee"},
    "a merge field that was misspelt": {"contact_id": "{{contact.idd}}", "customData": {"contactId": "ann"}}
    | {"full_name": "Ann Lee"},
    "a number where text is meant": {"contact_id": "null", "contact": {"id": "ann"}, "full_name": "Ann Lee"},
    "the platform's": {"type": "ContactCreate", "id": "ann", "firstName": "Ann", "lastName": "Lee"},
    "the platform's, nested": {"type": "ContactCreate", "data": {"id": "ann", "firstName": "Ann", "lastName": "Lee"}},
}


@pytest.mark.parametrize("form", SHAPES.values(), ids=SHAPES)
def test_a_contact_is_read_in_every_shape(desk: Desk, form: Json) -> None:
    data = desk.data(form)
    assert (data["contact_id"], data["name"], list(data["changed"])) == ("ann", "Ann Lee", ["name"])


@pytest.mark.parametrize(
    "form",
    [
        {"type": "opportunity.updated", "opportunity": {"id": "deal-1", "monetaryValue": "350,000", "status": "open"}},
        {"opportunity_id": "deal-1", "lead_value": "$350k", "status": "Open"},
        {"id": "deal-1", "opportunity_name": "12 Oak St", "lead_value": 350_000},
        {"type": "OpportunityCreate", "id": "deal-1", "monetaryValue": 350_000},
    ],
)
def test_a_deal_is_read_in_every_shape(desk: Desk, form: Json) -> None:
    data = desk.data(form)
    assert (data["deal_id"], data["deal_value"], data["status"]) == ("deal-1", 350_000, "open")


@pytest.mark.parametrize("kind", ["opportunity.deleted", "OpportunityDelete"])
def test_a_deal_that_is_deleted_is_deleted(desk: Desk, kind: str) -> None:
    desk.read(DEAL)
    assert desk.data({"type": kind, "opportunity": {"id": "deal-1"}})["status"] == "deleted"


def test_a_bad_value_of_a_deal_costs_the_contact_nothing(desk: Desk) -> None:
    translation = desk.vendor.translate(FORM | DEAL | {"lead_value": "TBD"}, {}, NOW)
    assert translation is not None
    assert [event["type"] for event in translation.events] == [
        "contact_update",
        "jorge_qualification_progress",
        "commission_update",
    ]
    (fault,) = translation.faults
    assert fault.startswith("lead_value is 'TBD': allowed is one amount of money")


@pytest.mark.parametrize("by", [{"phone": "(512) 555-0147"}, {"email": "Ann@Example.com"}])
def test_a_form_without_an_id_is_of_the_one_contact_of_its_number_or_address(desk: Desk, by: Json) -> None:
    desk.read(FORM | {"email": "ann@example.com"})
    desk.seen[VendorEntity("email", "ann@example.com")] = {"contact_id": "ann"}
    *_, reply = desk.read(by | {"message": {"body": "yes"}}) or []
    assert reply.data["contact_id"] == "ann"


@pytest.mark.parametrize(
    ("form", "reason"),
    [
        ({"hello": "world"}, "contact_id is missing (there are hello): wanted is contact_id"),
        (
            {"contact_id": "{{contact.id}}", "full_name": "Ann"},
            "contact_id is missing (there are contact_id, full_name)",
        ),
        (
            {"email": "g@example.com", "event_type": "x"},
            "contact_id is missing, and no contact of g@example.com is known",
        ),
    ],
)
def test_what_names_nobody_fails_with_what_is_wanted(desk: Desk, form: Json, reason: str) -> None:
    translation = desk.vendor.translate(form, {}, NOW)
    assert translation is not None
    assert (translation.events, translation.faults[0].startswith(reason)) == ([], True)


def test_a_contact_of_whom_nothing_is_said_is_no_news(desk: Desk) -> None:
    translation = desk.vendor.translate({"contact_id": "ann"}, {}, NOW)
    assert translation == Translation([], {}, "it names a contact, and says nothing of it")


def test_of_several_forms_the_good_are_told_and_the_bad_is_named(desk: Desk) -> None:
    forms = [{"contact_id": "ann", "full_name": "Ann"}, {"full_name": "Bob"}, {"contact_id": "cy", "full_name": "Cy"}]
    translation = desk.vendor.translate(forms, {}, NOW)
    assert translation is not None
    assert [event["data"]["contact_id"] for event in translation.events] == ["ann", "cy"]
    assert translation.faults[0].startswith("item 2: contact_id is missing")
