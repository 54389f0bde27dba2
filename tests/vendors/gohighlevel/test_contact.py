"""The changes of a contact against its stored copy, which only newer deliveries replace."""

from datetime import timedelta
from typing import Any

import pytest

from jorge_data.vendors import Json
from jorge_data.vendors.gohighlevel import CUSTOM_FIELDS
from jorge_data.vendors.gohighlevel.contact import MAX_COMPARED
from tests.vendors.gohighlevel.webhooks import NOW, Desk


def contact(**fields: Any) -> Json:
    return {"type": "ContactUpdate", "id": "ann", "firstName": "Ann", "tags": ["Seller"]} | fields


@pytest.fixture
def stored(desk: Desk) -> Desk:
    """A desk that has seen Ann an hour ago."""
    desk.read(contact(city="Austin", phone="(512) 555-0147"), NOW - timedelta(hours=1))
    return desk


def test_only_what_changed_is_told(stored: Desk) -> None:
    assert stored.data(contact(city="Dallas", tags=["Buyer", "Seller"])) == {
        "contact_id": "ann",
        "name": "Ann",
        "changed": {"city": {"from": "Austin", "to": "Dallas"}},
        "tags_added": ["Buyer"],
        "tags_removed": [],
    }


@pytest.mark.parametrize("same", [{}, {"city": "Austin"}, {"city": "Austin", "state": "", "website": None}])
def test_where_nothing_changed_nothing_is_told(stored: Desk, same: Json) -> None:
    assert stored.read(contact(**same)) == []


def test_what_is_not_in_the_body_is_as_it_was(stored: Desk) -> None:
    assert stored.read({"type": "ContactUpdate", "id": "ann"}) == []
    assert stored.data(contact(city=None))["changed"] == {"city": {"from": "Austin", "to": None}}


def test_it_is_told_how_a_contact_is_reached_and_where_the_crm_shows_it(desk: Desk) -> None:
    fields = {"phone": "512 555 0147", "email": "Ann <Ann@Example.com>", "address1": "14 Elm St", "city": "Austin"}
    data = desk.data(contact(locationId="austin", **fields))
    assert {name: data[name] for name in ("phone", "email", "address", "url")} == {
        "phone": "+15125550147",
        "email": "ann@example.com",
        "address": "14 Elm St, Austin",
        "url": "https://app.gohighlevel.com/v2/location/austin/contacts/detail/ann",
    }
    moved = desk.data(contact(**fields | {"city": "Dallas"}))
    assert (moved["address"], "phone" in moved, "url" in moved) == ("14 Elm St, Dallas", False, False)


def test_tags_may_come_as_text(stored: Desk) -> None:
    data = stored.data(contact(tags="Seller, Hot , ,Hot"))
    assert (data["tags_added"], data["tags_removed"]) == (["Hot"], [])


def test_a_custom_field_has_its_name_where_the_name_is_known(stored: Desk) -> None:
    field = {"id": "BcdmQEsN", "value": "30 days"}
    assert stored.data(contact(customFields=[field]))["changed"] == {"BcdmQEsN": {"from": None, "to": "30 days"}}
    stored.seen[CUSTOM_FIELDS] = {"BcdmQEsN": "Timeline Urgency"}
    assert stored.data(contact(customFields=[{"id": "BcdmQEsN", "fieldValue": "now"}]))["changed"] == {
        "timeline_urgency": {"from": "30 days", "to": "now"}
    }


def test_the_synchronization_tells_the_names(desk: Desk) -> None:
    answer = {"type": "CustomFields", "customFields": [{"id": "a", "name": "Lead Score"}, {"id": 7}, "odd"]}
    assert desk.read(answer) == []
    assert desk.seen[CUSTOM_FIELDS] == {"a": "Lead Score"}


def test_an_older_delivery_moves_nothing_back(stored: Desk) -> None:
    late = contact(city="Waco", timestamp=(NOW - timedelta(hours=2)).isoformat())
    assert stored.read(late) == []
    assert stored.data(contact(city="Dallas"))["changed"] == {"city": {"from": "Austin", "to": "Dallas"}}


def test_the_moment_of_the_change_counts_before_that_of_the_sending(stored: Desk) -> None:
    stale = contact(city="Waco", dateUpdated="2026-11-23T10:00:00Z", timestamp=NOW.isoformat())
    assert stored.read(stale) == []


def test_a_clock_that_runs_ahead_is_not_believed(stored: Desk) -> None:
    event = stored.only(contact(city="Dallas", timestamp=(NOW + timedelta(minutes=4)).isoformat()))
    assert event.time == NOW


def test_who_opts_out_is_told_in_the_conversation_that_they_had(stored: Desk) -> None:
    message = {
        "type": "InboundMessage",
        "contactId": "ann",
        "conversationId": "c-1",
        "messageType": "SMS",
        "body": "no",
    }
    stored.read(message)
    update, opted_out = stored.read(contact(type="ContactDndUpdate", dnd=True)) or []
    assert update.data["changed"] == {"dnd": {"from": None, "to": True}}
    assert (opted_out.data["kind"], opted_out.data["conversation_id"]) == ("opted_out", "c-1")


def test_the_largest_contact_fits_into_events(desk: Desk) -> None:
    fields = [{"id": f"field-{n:03}" + "x" * 200, "value": "🏠" * 5000} for n in range(300)]
    events = desk.read(contact(customFields=fields, name="🏠" * 5000, website=["x" * 999])) or []
    assert len(events) == 13
    assert sum(len(event.data["changed"]) for event in events) == 302
    values = [change["to"] for event in events for change in event.data["changed"].values()]
    assert values[-1].endswith("… [cut: 5,000 characters]")


def test_of_very_many_fields_and_tags_the_first_are_compared_and_the_rest_is_counted(desk: Desk) -> None:
    fields = [{"id": f"field-{n}", "value": n} for n in range(MAX_COMPARED + 2_500)]
    webhook = contact(customFields=fields, tags=[f"tag-{n}" for n in range(MAX_COMPARED + 1)])
    changed = {name: each for event in desk.read(webhook) or [] for name, each in event.data["changed"].items()}
    assert changed["custom_fields_cut"] == {"from": None, "to": "[cut: 2,500 fields]"}
    assert changed["tags_cut"] == {"from": None, "to": "[cut: 1 tags]"}
    assert changed.keys() >= {"field-0", f"field-{MAX_COMPARED - 1}"}
    assert f"field-{MAX_COMPARED}" not in changed
    assert desk.read(webhook) == []


def test_the_most_tags_and_the_longest_fit_into_events(desk: Desk) -> None:
    events = desk.read(contact(tags=[f"{n}" + "🏠" * 999 for n in range(200)])) or []
    tags = [tag for event in events for tag in event.data["tags_added"]]
    assert (len(events), len(tags)) == (9, 200)
    assert tags[199].endswith("… [cut: 1,002 characters]")


@pytest.mark.parametrize(
    "odd",
    [
        {"tags": 7},
        {"tags": [1, None, {"a": 1}]},
        {"customFields": {"a": 1}},
        {"customFields": [1, {"id": 7}, {"value": 1}]},
        {"dndSettings": {"SMS": "active", "Email": {"status": "inactive"}}},
        {"dnd": "perhaps"},
        {"firstName": 7, "phone": ["x"], "email": {}},
        {"dateUpdated": "soon", "timestamp": -1},
    ],
)
def test_odd_fields_stop_nobody(desk: Desk, odd: Json) -> None:
    assert desk.read(contact(city="Austin", **odd)) != []
