from typing import Any

from jorge_data.metrics.entities import SCALE
from tests.metrics.entities.memory_store import fold_each
from tests.metrics.live_location import DAY, HOUR, MINUTE, NOON, LiveLocation


def show(location: LiveLocation, minutes: int = 0, kind: str = "new_match") -> None:
    alert: dict[str, Any] = {"alert_id": "a", "property_id": "p", "match_score": 91.0, "alert_type": kind}
    location.publish("property_alert", NOON + minutes * MINUTE, contact_id="dana", **alert)


def test_an_alert_waits_until_the_contact_writes(location: LiveLocation) -> None:
    show(location)
    location.converse(at=NOON + MINUTE, direction="outbound")
    assert fold_each(location.events).values("alert_response") == [(0, "new_match", "waiting")]
    location.converse(at=NOON + HOUR, direction="inbound", author="contact")
    assert fold_each(location.events).values("alert_response") == [(0, "new_match", "answered", 3600 * SCALE)]


def test_a_contact_who_calls_has_answered(location: LiveLocation) -> None:
    show(location)
    location.converse("call_started", at=NOON + MINUTE, direction="outbound")
    assert fold_each(location.events).values("alert_response") == [(0, "new_match", "waiting")]
    location.converse("call_started", at=NOON + HOUR, direction="inbound", channel="call")
    assert fold_each(location.events).values("alert_response") == [(0, "new_match", "answered", 3600 * SCALE)]


def test_one_message_answers_every_alert_before_it_and_the_first_counts(location: LiveLocation) -> None:
    show(location)
    show(location, 30, "price_drop")
    show(location, 90)
    location.converse(at=NOON + 2 * HOUR, direction="inbound")
    location.converse(at=NOON + HOUR, direction="inbound")
    assert fold_each(location.events).values("alert_response") == [
        (0, "new_match", "answered", 3600 * SCALE),
        (30, "price_drop", "answered", 1800 * SCALE),
        (90, "new_match", "answered", 1800 * SCALE),
    ]


def test_after_seven_days_a_message_is_no_answer(location: LiveLocation) -> None:
    show(location)
    location.converse(at=NOON + 7 * DAY + MINUTE, direction="inbound")
    assert fold_each(location.events).values("alert_response") == [(0, "new_match", "waiting")]
    location.converse(at=NOON + 7 * DAY, direction="inbound")
    assert fold_each(location.events).values("alert_response") == [(0, "new_match", "answered", 7 * 86_400 * SCALE)]


def test_the_contacts_row_counts_messages_and_says_who_waits(location: LiveLocation) -> None:
    show(location)
    location.converse(at=NOON + HOUR, direction="outbound", author="bot")
    location.converse(at=NOON + MINUTE, direction="inbound")
    location.publish("contact_update", NOON + 2 * HOUR, contact_id="dana", changed={}, name="Dana Reed")
    row = fold_each(location.events).rows["contact", "dana"]
    assert (row["messages"], row["alerts"], row["waiting"], row["name"]) == (2, 1, False, "Dana Reed")
    location.converse(at=NOON + 3 * HOUR, direction="inbound")
    assert fold_each(location.events).rows["contact", "dana"]["waiting"] is True
