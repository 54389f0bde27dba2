"""Deals: opened, moved, won, lost, removed; one event for each change, with the names that are stored."""

from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest

from jorge_data.vendors import Json, VendorEntity
from jorge_data.vendors.gohighlevel import PIPELINES
from tests.vendors.gohighlevel.webhooks import NOW, Desk

STAGES = {"s1": "Qualified", "s2": "Under Contract", "s3": "Walkthrough"}


def deal(**fields: Any) -> Json:
    base = {"type": "OpportunityUpdate", "id": "d", "contactId": "ann", "status": "open", "monetaryValue": 300_000}
    return base | {"pipelineStageId": "s1", "pipelineId": "p"} | fields


@pytest.fixture
def office(desk: Desk) -> Desk:
    """A desk that knows the stages and has seen one deal an hour ago."""
    desk.seen[PIPELINES] = STAGES
    desk.read(deal(), NOW - timedelta(hours=1))
    return desk


def test_a_stage_has_its_name_and_its_probability(office: Desk) -> None:
    data = office.data(deal(pipelineStageId="s2"))
    assert (data["stage_id"], data["stage"], data["probability"]) == ("s2", "Under Contract", 0.9)


def test_a_stage_of_another_name_has_no_probability_that_we_know(office: Desk) -> None:
    data = office.data(deal(pipelineStageId="s3"))
    assert data["stage"] == "Walkthrough"
    assert "probability" not in data


def test_a_deal_that_did_not_change_is_not_told_again(office: Desk) -> None:
    assert office.read(deal()) == []


def test_whose_a_deal_is_is_told_once(office: Desk) -> None:
    assigned = {"type": "OpportunityAssignedToUpdate", "id": "d", "assignedTo": "sam"}
    assert office.data(assigned)["assigned_to"] == "sam"
    assert office.read(assigned) == []


def test_a_copy_of_an_earlier_version_does_not_say_whose_a_deal_is_and_that_is_no_change(office: Desk) -> None:
    del office.seen[VendorEntity("opportunity", "d")]["assigned_to"]
    assert office.read(deal(assignedTo="sam")) == []


def test_a_name_that_is_learnt_later_is_told(office: Desk) -> None:
    office.seen[PIPELINES] = {}
    assert "stage" not in office.data(deal(pipelineStageId="s2"))
    office.read({"type": "Pipelines", "pipelines": [{"id": "p", "stages": [{"id": "s2", "name": "Under Contract"}]}]})
    assert office.data(deal(pipelineStageId="s2"))["stage"] == "Under Contract"


@pytest.mark.parametrize(("status", "probability"), [("won", 1.0), ("lost", 0.0), ("abandoned", 0.0)])
def test_a_closed_deal_says_when_it_closed(office: Desk, status: str, probability: float) -> None:
    data = office.data(deal(type="OpportunityStatusUpdate", status=status, lastStatusChangeAt="2026-11-23T17:00:00Z"))
    assert (data["status"], data["probability"]) == (status, probability)
    assert data["closed_at"] == "2026-11-23T17:00:00+00:00"


def test_a_deal_closed_when_it_was_first_seen_so(office: Desk) -> None:
    assert office.data(deal(status="won"))["closed_at"] == NOW.isoformat()
    later = office.data(deal(status="won", monetaryValue=310_000), NOW + timedelta(days=1) - timedelta(days=1))
    assert (later["closed_at"], later["deal_value"]) == (NOW.isoformat(), 310_000)


def test_an_older_delivery_moves_nothing_back(office: Desk) -> None:
    assert office.read(deal(pipelineStageId="s2", updatedAt="2026-11-23T09:00:00Z")) == []


HISTORY = [
    deal(type="OpportunityCreate", dateUpdated="2026-11-23T10:00:00Z"),
    {"type": "OpportunityStageUpdate", "id": "d", "pipelineStageId": "s2", "dateUpdated": "2026-11-23T11:00:00Z"},
    {"type": "OpportunityMonetaryValueUpdate", "id": "d", "monetaryValue": 7, "dateUpdated": "2026-11-23T12:00:00Z"},
    {"type": "OpportunityStatusUpdate", "id": "d", "status": "won", "dateUpdated": "2026-11-23T13:00:00Z"},
]


@pytest.mark.parametrize("order", list(permutations(range(4))))
def test_webhooks_in_any_order_come_to_the_same_deal(desk: Desk, order: tuple[int, ...]) -> None:
    desk.seen[PIPELINES] = STAGES
    told = [event for number in order for event in desk.read(HISTORY[number]) or []]
    newest = [event.data for event in told if event.time == max(each.time for each in told)][-1]
    expected = {"deal_value": 7, "status": "won", "stage": "Under Contract", "contact_id": "ann"}
    assert {name: newest.get(name) for name in expected} == expected


@pytest.mark.parametrize(("value", "worth"), [(None, 0), ("", 0), ("$1,250.50", 1250.5), (7, 7)])
def test_a_value_is_a_number_or_nothing_yet(desk: Desk, value: Any, worth: float) -> None:
    assert desk.data(deal(monetaryValue=value))["deal_value"] == worth


@pytest.mark.parametrize("none", [None, ""])
def test_a_deal_without_a_status_is_as_it_was_or_open(office: Desk, none: str | None) -> None:
    assert office.data(deal(id="new", status=none))["status"] == "open"
    office.read(deal(status="won"))
    assert office.read(deal(status=none)) == []


@pytest.mark.parametrize(
    ("odd", "reason"),
    [
        ({"monetaryValue": "a lot"}, "monetaryValue is 'a lot': allowed is one amount of money"),
        ({"monetaryValue": [1]}, "monetaryValue is [1]"),
        ({"monetaryValue": True}, "monetaryValue is True"),
        ({"monetaryValue": "300-400k"}, "monetaryValue is '300-400k'"),
        ({"monetaryValue": 1e13}, "monetaryValue is 10000000000000.0"),
        ({"status": "pending"}, "status is 'pending': allowed are open, won, lost, abandoned"),
        ({"status": 7}, "status is 7"),
    ],
)
def test_a_bad_value_costs_its_field_alone(office: Desk, odd: Json, reason: str) -> None:
    translation = office.vendor.translate(deal(name="12 Oak St", **odd), office.seen, NOW)
    assert translation is not None
    (event,) = translation.events
    told = {name: event["data"][name] for name in ("name", "deal_value", "status")}
    assert told == {"name": "12 Oak St", "deal_value": 300_000, "status": "open"}
    assert [fault.startswith(reason) for fault in translation.faults] == [True]


@pytest.mark.parametrize("identifier", [None, "x" * 129])
def test_what_has_no_id_is_no_deal(desk: Desk, identifier: str | None) -> None:
    with pytest.raises(ValueError, match="id is"):
        desk.read(deal(id=identifier))


def test_a_removed_deal_that_was_never_seen_is_nothing_lost(desk: Desk) -> None:
    assert desk.read({"type": "OpportunityDelete", "id": "d"}) == []
