from typing import Any

from jorge_data.metrics.entities import SCALE
from tests.metrics.entities.ledger import fold_each
from tests.metrics.wall.live_office import DAY, HOUR, MINUTE, NOON, Office


def show(office: Office, minutes: int = 0, kind: str = "new_match") -> None:
    alert: dict[str, Any] = {"alert_id": "a", "property_id": "p", "match_score": 91.0, "alert_type": kind}
    office.hear("property_alert", NOON + minutes * MINUTE, contact_id="dana", **alert)


def test_an_alert_waits_until_the_contact_writes(office: Office) -> None:
    show(office)
    office.converse(at=NOON + MINUTE, direction="outbound")
    assert fold_each(office.events).told("alert_response") == [(0, "new_match", "waiting")]
    office.converse(at=NOON + HOUR, direction="inbound", author="contact")
    assert fold_each(office.events).told("alert_response") == [(0, "new_match", "answered", 3600 * SCALE)]


def test_one_message_answers_every_alert_before_it_and_the_first_counts(office: Office) -> None:
    show(office)
    show(office, 30, "price_drop")
    show(office, 90)
    office.converse(at=NOON + 2 * HOUR, direction="inbound")
    office.converse(at=NOON + HOUR, direction="inbound")
    assert fold_each(office.events).told("alert_response") == [
        (0, "new_match", "answered", 3600 * SCALE),
        (30, "price_drop", "answered", 1800 * SCALE),
        (90, "new_match", "answered", 1800 * SCALE),
    ]


def test_after_seven_days_a_message_is_no_answer(office: Office) -> None:
    show(office)
    office.converse(at=NOON + 7 * DAY + MINUTE, direction="inbound")
    assert fold_each(office.events).told("alert_response") == [(0, "new_match", "waiting")]
    office.converse(at=NOON + 7 * DAY, direction="inbound")
    assert fold_each(office.events).told("alert_response") == [(0, "new_match", "answered", 7 * 86_400 * SCALE)]


def test_the_contacts_row_counts_messages_and_says_who_waits(office: Office) -> None:
    show(office)
    office.converse(at=NOON + HOUR, direction="outbound", author="bot")
    office.converse(at=NOON + MINUTE, direction="inbound")
    office.hear("contact_update", NOON + 2 * HOUR, contact_id="dana", changed={}, name="Dana Reed")
    row = fold_each(office.events).rows["contact", "dana"]
    assert (row["messages"], row["alerts"], row["waiting"], row["name"]) == (2, 1, False, "Dana Reed")
    office.converse(at=NOON + 3 * HOUR, direction="inbound")
    assert fold_each(office.events).rows["contact", "dana"]["waiting"] is True
