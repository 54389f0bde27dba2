"""What is deleted in the CRM stays deleted, whatever trails behind, until it is changed later by its own clock."""

from collections.abc import Sequence
from datetime import timedelta
from itertools import permutations
from typing import Any, NamedTuple

import pytest

from jorge_data.vendors import Json, VendorEntity
from jorge_data.vendors.gohighlevel.deletion import OUTLIVED, TRAILS
from jorge_data.vendors.gohighlevel.workflow import Workflow
from tests.vendors.gohighlevel.webhooks import NOW, Desk


class Kind(NamedTuple):
    """A kind of record: its webhook with some fields, as a person reads off the events whether it is there."""

    name: str
    entity: str

    def told(self, what: str, **fields: Any) -> Json:
        """Return a webhook of the record: created, updated or deleted."""
        record: Json = {"id": "r", **_RECORDS[self.name], **fields}
        if self.name == "Appointment":
            return {"type": f"{self.name}{what}", "appointment": record}
        return {"type": f"{self.name}{what}", **record}


_RECORDS: dict[str, Json] = {
    "Contact": {"firstName": "Ann", "phone": "+15125550147"},
    "Opportunity": {"name": "Elm St", "contactId": "ann", "monetaryValue": 400_000, "status": "open"},
    "Appointment": {"title": "Visit", "contactId": "ann", "startTime": "2026-12-05T10:00:00-06:00"},
}
KINDS = [Kind("Contact", "contact"), Kind("Opportunity", "opportunity"), Kind("Appointment", "appointment")]
of_each_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: str(kind.name))


def minutes(number: float) -> str:
    return (NOW + timedelta(minutes=number)).isoformat()


def is_gone(desk: Desk, kind: Kind) -> bool:
    return bool(desk.seen[VendorEntity(kind.entity, "r")].get("deleted"))


@of_each_kind
def test_1_an_update_without_a_clock_that_trails_behind_is_ignored_with_its_reason(desk: Desk, kind: Kind) -> None:
    desk.read(kind.told("Create"), NOW - timedelta(hours=1))
    assert len(desk.read(kind.told("Delete")) or []) == 1
    trailing = kind.told("Update", title="later", city="Waco", monetaryValue=5, webhookId="w2")
    later = NOW + timedelta(minutes=5)
    concerned = {name: desk.seen[name] for name in desk.vendor.concerns(trailing) if name in desk.seen}
    translation = desk.vendor.translate(trailing, concerned, later)
    assert translation is not None
    assert (translation.events, translation.ignored) == ([], TRAILS)
    desk.seen |= translation.seen
    assert is_gone(desk, kind)


@of_each_kind
@pytest.mark.parametrize("clock", ["timestamp", "dateAdded"])
def test_when_it_was_sent_or_made_is_no_change_after_the_deletion(desk: Desk, kind: Kind, clock: str) -> None:
    desk.read(kind.told("Create"), NOW - timedelta(hours=1))
    desk.read(kind.told("Delete"))
    assert desk.read(kind.told("Update", title="later", **{clock: minutes(3)}), NOW + timedelta(minutes=5)) == []
    assert is_gone(desk, kind)


@of_each_kind
def test_a_change_of_before_the_deletion_does_not_revive_and_one_of_after_it_does(desk: Desk, kind: Kind) -> None:
    desk.read(kind.told("Create"), NOW - timedelta(hours=1))
    desk.read(kind.told("Delete", timestamp=minutes(0)), NOW + timedelta(minutes=1))
    later = NOW + timedelta(minutes=5)
    assert desk.read(kind.told("Update", city="Waco", dateUpdated=minutes(-1)), later) == []
    assert is_gone(desk, kind)
    assert len(desk.read(kind.told("Update", city="Waco", dateUpdated=minutes(2)), later) or []) == 1
    assert not is_gone(desk, kind)


@of_each_kind
def test_a_deletion_is_told_once(desk: Desk, kind: Kind) -> None:
    desk.read(kind.told("Create"), NOW - timedelta(hours=1))
    assert len(desk.read(kind.told("Delete")) or []) == 1
    assert desk.read(kind.told("Delete"), NOW + timedelta(minutes=1)) == []


@of_each_kind
def test_what_was_never_seen_stays_deleted_too(desk: Desk, kind: Kind) -> None:
    desk.read(kind.told("Delete"))
    assert desk.read(kind.told("Create"), NOW + timedelta(minutes=1)) == []
    assert is_gone(desk, kind)


@pytest.mark.parametrize("status", ["open", "won"])
def test_a_deal_that_is_deleted_is_told_so_and_is_as_it_was_when_it_comes_back(desk: Desk, status: str) -> None:
    deal = KINDS[1]
    desk.read(deal.told("Create", status=status), NOW - timedelta(hours=1))
    data = desk.data(deal.told("Delete"))
    assert (data["status"], data["deal_value"]) == ("deleted", 400_000)
    back = {"type": "OpportunityUpdate", "id": "r", "dateUpdated": minutes(1)}
    assert desk.data(back, NOW + timedelta(minutes=1))["status"] == status


def test_a_contact_that_is_deleted_is_told_so_and_that_it_is_there_again(desk: Desk) -> None:
    contact = KINDS[0]
    desk.read(contact.told("Create"), NOW - timedelta(hours=1))
    data = desk.data(contact.told("Delete"))
    assert (data["deleted"], data["changed"]) == (True, {"deleted": {"from": False, "to": True}})
    back = desk.data(contact.told("Update", dateUpdated=minutes(1)), NOW + timedelta(minutes=1))
    assert (back["deleted"], back["changed"]["deleted"]) == (False, {"from": True, "to": False})
    assert back["changed"]["name"] == {"from": None, "to": "Ann"}, "who is there again tells all that is known"


def test_a_deletion_of_an_earlier_version_holds_until_a_later_change(desk: Desk) -> None:
    contact = KINDS[0]
    desk.read(contact.told("Create"), NOW - timedelta(hours=1))
    entity = VendorEntity("contact", "r")
    desk.seen[entity] |= {"deleted": True, "at": minutes(0)}
    assert desk.read(contact.told("Update", city="Waco", dateUpdated=minutes(-1)), NOW + timedelta(minutes=5)) == []
    assert desk.read(contact.told("Update", city="Waco", dateUpdated=minutes(1)), NOW + timedelta(minutes=5))


CLOCKED: Sequence[tuple[str, str, float]] = [
    ("Create", "dateUpdated", 0),
    ("Update", "dateUpdated", 10),
    ("Delete", "timestamp", 20),
    ("Update", "dateUpdated", 30),
    ("Delete", "timestamp", 40),
]


@of_each_kind
@pytest.mark.parametrize("until", [3, 4, 5])
def test_in_any_order_of_arrival_their_own_clocks_decide(kind: Kind, until: int) -> None:
    told = CLOCKED[:until]
    for order in permutations(told):
        desk = Desk()
        for number, (what, clock, at) in enumerate(order):
            desk.read(kind.told(what, city=f"after {at}", **{clock: minutes(at - 60)}), NOW + timedelta(minutes=number))
        assert is_gone(desk, kind) == (told[-1][0] == "Delete"), order


@of_each_kind
def test_a_deletion_of_before_the_last_change_is_ignored_with_its_reason(desk: Desk, kind: Kind) -> None:
    desk.read(kind.told("Create", dateUpdated=minutes(-10)))
    webhook = kind.told("Delete", timestamp=minutes(-20))
    concerned = {name: desk.seen[name] for name in desk.vendor.concerns(webhook) if name in desk.seen}
    translation = desk.vendor.translate(webhook, concerned, NOW)
    assert translation is not None
    assert (translation.events, translation.seen, translation.ignored) == ([], {}, OUTLIVED)


@of_each_kind
def test_a_clock_that_runs_ahead_makes_nothing_undeletable(desk: Desk, kind: Kind) -> None:
    desk.read(kind.told("Create", dateUpdated="2027-12-31T00:00:00Z"), NOW - timedelta(minutes=5))
    assert len(desk.read(kind.told("Delete")) or []) == 1
    assert is_gone(desk, kind)


def test_an_appointment_that_an_earlier_version_saw_deleted_stays_deleted(desk: Desk) -> None:
    appointment, entity = KINDS[2], VendorEntity("appointment", "r")
    desk.seen[entity] = {"appointmentStatus": "deleted", "contactId": "ann", "at": minutes(-5)}
    assert desk.read(appointment.told("Update", title="later")) == []
    assert desk.data(appointment.told("Update", dateUpdated=minutes(-1)))["kind"] == "appointment_booked"


def test_an_appointment_whose_deletion_comes_first_and_names_its_id_alone_stays_deleted(desk: Desk) -> None:
    assert desk.read({"type": "AppointmentDelete", "appointment": {"id": "r"}}, NOW - timedelta(minutes=1)) == []
    assert desk.read(KINDS[2].told("Create")) == []


def test_a_type_within_the_appointment_is_not_that_of_the_webhook(desk: Desk) -> None:
    desk.read(KINDS[2].told("Create"), NOW - timedelta(minutes=1))
    assert desk.data(KINDS[2].told("Delete", type="event"))["stage"] == "appointment deleted"


@pytest.mark.parametrize("value", [True, "no", "Yes", None])
def test_a_field_of_the_same_name_deletes_nobody(desk: Desk, value: Any) -> None:
    contact = KINDS[0]
    desk.read(contact.told("Create", customFields=[{"id": "deleted", "value": "x"}]), NOW - timedelta(hours=1))
    told = desk.data(contact.told("Update", customFields=[{"id": "deleted", "value": value}]))
    assert ("deleted" in told, told["changed"]) == (False, {"field_deleted": {"from": "x", "to": value}})


def test_a_workflow_that_trails_behind_is_ignored_with_the_reason(desk: Desk) -> None:
    workflow = Workflow("secret")
    desk.read(KINDS[0].told("Create"), NOW - timedelta(hours=1))
    desk.read(KINDS[0].told("Delete"))
    translation = workflow.translate({"contact_id": "r", "first_name": "Ann", "city": "Waco"}, desk.seen, NOW)
    assert translation is not None
    assert (translation.events, translation.ignored) == ([], TRAILS)
    desk.seen |= translation.seen
    assert is_gone(desk, KINDS[0])
