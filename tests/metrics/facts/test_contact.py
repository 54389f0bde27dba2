from tests.metrics.facts.ledger import fold_each
from tests.metrics.office import HOUR, MINUTE, NOON, Office


def test_a_contact_counts_once_at_its_newest_event_as_it_stands_now(office: Office) -> None:
    office.qualify(seller_temperature="warm", stall_detected=True)
    office.converse(at=NOON + HOUR, direction="inbound", author="contact")
    assert fold_each(office.events).told("contact_state") == [(60, "warm", "true", "", "", "true")]
    office.hear("property_alert", NOON + MINUTE, contact_id="dana", alert_id="a", property_id="p", match_score=1.0,
                alert_type="other")  # fmt: skip
    assert fold_each(office.events).told("contact_state") == [(60, "warm", "true", "", "", "true")]
    office.converse(at=NOON + 2 * HOUR, direction="outbound", author="agent")
    assert fold_each(office.events).told("contact_state") == [(120, "warm", "true", "", "", "false")]
