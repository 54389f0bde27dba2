import orjson

from jorge_data.metrics.entities.contact import Contact
from tests.metrics.entities.ledger import fold_each
from tests.metrics.wall.live_office import HOUR, MINUTE, NOON, Office


def test_a_contact_counts_once_at_its_newest_event_as_it_stands_now(office: Office) -> None:
    office.qualify(seller_temperature="warm", stall_detected=True)
    office.converse(at=NOON + HOUR, direction="inbound", author="contact")
    assert fold_each(office.events).told("contact_state") == [(60, "warm", "true", "", "", "true")]
    office.hear("property_alert", NOON + MINUTE, contact_id="dana", alert_id="a", property_id="p", match_score=1.0,
                alert_type="other")  # fmt: skip
    assert fold_each(office.events).told("contact_state") == [(60, "warm", "true", "", "", "true")]
    office.converse(at=NOON + 2 * HOUR, direction="outbound", author="agent")
    assert fold_each(office.events).told("contact_state") == [(120, "warm", "true", "", "", "false")]


def test_a_state_from_before_bookings_were_among_what_is_heard_has_them_there(office: Office) -> None:
    office.converse(at=NOON, direction="inbound", author="contact")
    office.converse("appointment_booked", at=NOON + HOUR)
    office.converse("opted_out", at=NOON + 2 * HOUR)
    [state] = [state for (family, _), state in fold_each(office.events).states.items() if family == "contact"]
    numbers, (answers, steps, heard, alerts), latest = orjson.loads(state)
    before = [numbers, [answers, steps, [said for said in heard if said[2]], alerts], latest]
    assert Contact.load("priya", orjson.dumps(before)).dump() == state
