"""Workflow webhooks: a form that promises nothing, or events in ours."""

import json
from datetime import timedelta
from typing import Any

import pytest

from jorge_data.errors import Forbidden, Invalid, TooLarge, Unauthenticated
from jorge_data.vendors import Json, VendorEntity
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


@pytest.mark.parametrize("body", [{}, {"hello": "world"}, {"contact_id": ""}, {"contact_id": None}])
def test_what_names_nobody_means_nothing(desk: Desk, body: Json) -> None:
    assert desk.read(body) is None


def test_a_location_is_found_wherever_it_stands() -> None:
    assert opened(FORM).location == "ve9EPM428h8vShlRW1KT"
    assert opened({"location_id": "a"}).location == "a"
    assert opened({**STATUS, "locationid": "b"}).location == "b"
    assert opened({}).location is None


def test_the_same_bytes_are_the_same_delivery() -> None:
    assert opened(FORM).key == opened(FORM).key != opened(DEAL).key
    assert [opened(body).type for body in (FORM, FORM | DEAL, {}, STATUS)] == [
        "contact",
        "opportunity",
        "other",
        "bot_status_update",
    ]


def test_the_same_form_is_a_repeat_while_it_may_be_a_retry_and_the_same_events_are_one_always() -> None:
    assert [opened(body).known_for for body in (FORM, STATUS, [STATUS])] == [timedelta(minutes=75), None, None]


def test_events_none_of_which_can_be_kept_are_refused_with_their_faults() -> None:
    bad = {"type": "bot_status_update", "data": {"bot_type": "jorge-seller", "status": "dancing"}}
    with pytest.raises(Invalid, match="none of 1 events can be kept: /data/status is 'dancing'") as refused:
        opened(bad)
    assert refused.value.faults
    assert opened([bad, STATUS]).type == "bot_status_update"


def test_more_events_than_one_publish_may_hold_are_refused() -> None:
    assert opened([STATUS] * 500).type == "bot_status_update"
    with pytest.raises(TooLarge, match="the publish holds 501 events: allowed are 1–500"):
        opened([STATUS] * 501)


@pytest.mark.parametrize("body", [[], [1], "text", 7, None])
def test_what_is_no_form_is_refused(body: Any) -> None:
    with pytest.raises(Invalid, match="allowed is a JSON object"):
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
