import orjson

from jorge_data.events.timestamps import micros
from jorge_data.metrics.entities.contact import Contact
from tests.metrics.entities.memory_store import fold_each
from tests.metrics.live_location import HOUR, MINUTE, NOON, LiveLocation

NOON_MICROS = micros(NOON)


def test_a_contact_counts_once_at_its_newest_event_as_it_stands_now(location: LiveLocation) -> None:
    location.qualify(seller_temperature="warm", stall_detected=True)
    location.converse(at=NOON + HOUR, direction="inbound", author="contact")
    assert fold_each(location.events).values("contact_state") == [(60, "warm", "true", "", "", "true", "true")]
    location.publish("property_alert", NOON + MINUTE, contact_id="dana", alert_id="a", property_id="p", match_score=1.0,
                alert_type="other")  # fmt: skip
    assert fold_each(location.events).values("contact_state") == [(60, "warm", "true", "", "", "true", "true")]
    location.converse(at=NOON + 2 * HOUR, direction="outbound", author="agent")
    assert fold_each(location.events).values("contact_state") == [(120, "warm", "true", "", "", "false", "true")]


def test_who_wrote_and_was_reached_by_a_call_since_waits_for_us_no_more_anywhere(location: LiveLocation) -> None:
    def waiting() -> tuple[str, bool, bool]:
        [(_, *_, waits, _)] = (store := fold_each(location.events)).values("contact_state")
        row = store.rows["contact", "dana"]
        return waits, row["waiting"], [kind for _, kind, *_ in store.values("open_item")] == ["reply"]

    location.converse(at=NOON, direction="inbound", author="contact", body="call me")
    location.act("reply:dana", "called", outcome="no_answer", at=NOON + MINUTE)
    assert waiting() == ("true", True, True)
    location.act("contact:dana", "called", outcome="reached", at=NOON + 5 * MINUTE)
    assert waiting() == ("false", False, False)
    location.act("contact:dana", "undone", at=NOON + 6 * MINUTE)
    assert waiting() == ("true", True, True)
    location.converse("call_ended", at=NOON + 7 * MINUTE, author="agent", channel="call", duration_seconds=60)
    assert waiting() == ("false", False, False)


def test_a_state_from_before_bookings_and_consents_were_kept_has_them(location: LiveLocation) -> None:
    location.converse(at=NOON, direction="inbound", author="contact")
    location.converse("appointment_booked", at=NOON + HOUR)
    location.converse("opted_out", at=NOON + 2 * HOUR)
    [state] = [state for (family, _), state in fold_each(location.events).states.items() if family == "contact"]
    numbers, (answers, steps, responses, alerts, _), latest, *_ = orjson.loads(state)
    seller, (message, _), bookings, _, name = latest
    opted_out = NOON_MICROS + 2 * 60 * 60_000_000, 3
    latest = [seller, message[:3], [*bookings[""][:2], False], [*opted_out, False], name]
    before = [numbers, [answers, steps, [message[:3] for message in responses if message[2]], alerts], latest]
    contact = Contact.load("priya", orjson.dumps(before))
    assert [each[:2] for each in contact.responses] == [tuple(message[:2]), tuple(bookings[""][:2])]
    assert contact.opt_out == (*opted_out, "", True, "", False)
    assert contact.last_received == (*message[:3], "")
    assert not contact.waiting
