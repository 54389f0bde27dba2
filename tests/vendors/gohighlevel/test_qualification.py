"""Qualification in the CRM: from the temperature tags and the bot's fields, and never against what a bot published."""

from typing import Any

import pytest

from jorge_data.events import Event
from jorge_data.vendors import Json, VendorEntity
from jorge_data.vendors.gohighlevel import CUSTOM_FIELDS
from tests.vendors.gohighlevel.webhooks import Desk

FIELDS = {"f1": "Questions Answered", "f2": "Seller Temperature", "f3": "FRS", "f4": "PCS", "f5": "seller_motivation"}
KNOWN = {
    "seller_temperature": "warm",
    "questions_answered": 2,
    "current_question": 2,
    "confrontational_effectiveness": 71,
    "stall_detected": True,
    "stall_type": "zestimate",
    "next_step": "Break the stall",
}


@pytest.fixture
def office(desk: Desk) -> Desk:
    """A desk that knows the names of the fields."""
    desk.seen[CUSTOM_FIELDS] = FIELDS
    return desk


def contact(tags: list[str], **values: Any) -> Json:
    fields = [{"id": key, "value": value} for key, value in values.items()]
    return {"type": "ContactTagUpdate", "id": "ann", "tags": tags, "customFields": fields}


def progress(desk: Desk, webhook: Json) -> Event | None:
    """Return the qualification progress among a webhook's events."""
    events = [event for event in desk.read(webhook) or [] if event.type == "jorge_qualification_progress"]
    assert len(events) <= 1
    return events[0] if events else None


@pytest.mark.parametrize(
    ("tag", "temperature"), [("Hot-Seller", "hot"), ("Warm-Seller", "warm"), ("cold-seller", "cold")]
)
def test_a_temperature_tag_is_a_progress(office: Desk, tag: str, temperature: str) -> None:
    event = progress(office, contact(["Seller", tag]))
    assert event is not None
    assert event.data["seller_temperature"] == temperature


def test_the_fields_of_the_bot_are_read_by_their_names(office: Desk) -> None:
    event = progress(office, contact([], f1="3", f2="Hot", f3=82.5, f4="61"))
    assert event is not None
    assert event.data == {
        "contact_id": "ann",
        "seller_temperature": "hot",
        "questions_answered": 3,
        "current_question": 3,
        "frs_score": 82.5,
        "pcs_score": 61,
        "confrontational_effectiveness": 36,
        "stall_detected": False,
        "next_step": "Ask question 4",
        "derived": ["confrontational_effectiveness", "next_step", "stall_detected"],
    }


def test_a_tag_counts_before_the_field_and_the_hottest_before_the_others(office: Desk) -> None:
    event = progress(office, contact(["Cold-Seller", "Hot-Seller"], f2="warm"))
    assert event is not None
    assert event.data["seller_temperature"] == "hot"


@pytest.mark.parametrize(
    "webhook",
    [
        contact(["Seller"]),
        contact([], f1="many", f2="lukewarm", f3="n/a", f4=-1),
        contact([], f1=7, f3=[1], f4=True),
        contact(["Hot-Buyer"]),
    ],
)
def test_what_says_nothing_of_it_is_no_progress(office: Desk, webhook: Json) -> None:
    assert progress(office, webhook) is None


def test_a_contact_that_changes_otherwise_makes_no_progress(office: Desk) -> None:
    assert progress(office, contact(["Hot-Seller"])) is not None
    assert progress(office, contact(["Hot-Seller"]) | {"city": "Austin"}) is None


def test_what_the_crm_does_not_know_is_taken_from_what_was_told_last(office: Desk) -> None:
    office.seen[VendorEntity("qualification", "ann")] = KNOWN
    event = progress(office, contact(["Hot-Seller"]))
    assert event is not None
    assert event.data == {"contact_id": "ann", **KNOWN, "seller_temperature": "hot", "derived": []}


def test_what_a_bot_told_and_then_wrote_to_the_crm_is_not_told_again(office: Desk) -> None:
    office.seen[VendorEntity("qualification", "ann")] = KNOWN
    assert progress(office, contact(["Warm-Seller"], f1=2)) is None


def test_to_and_fro_within_one_batch_is_told_both_times(office: Desk) -> None:
    office.seen[VendorEntity("qualification", "ann")] = KNOWN
    events = [progress(office, contact([tag])) for tag in ("Hot-Seller", "Warm-Seller")]
    assert [event and event.data["seller_temperature"] for event in events] == ["hot", "warm"]


def test_answers_are_counted_where_their_number_is_not_given(office: Desk) -> None:
    event = progress(office, contact([], f5="divorce"))
    assert event is not None
    assert (event.data["questions_answered"], event.data["seller_temperature"]) == (1, "cold")
    assert "seller_temperature" in event.data["derived"]
