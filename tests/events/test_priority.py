"""How urgent an event is: the table of the bots' own publisher."""

from typing import Any

import pytest

from jorge_data.events import Reception, admit
from tests.events.examples import NOW, admitted, item

Rule = tuple[str, dict[str, Any], str]

RULES: list[Rule] = [
    ("bot_status_update", {"status": "error"}, "high"),
    ("bot_status_update", {"status": "idle"}, "normal"),
    ("jorge_qualification_progress", {"seller_temperature": "hot"}, "high"),
    ("jorge_qualification_progress", {"seller_temperature": "warm"}, "normal"),
    ("lead_bot_sequence_update", {"success": False}, "high"),
    ("lead_bot_sequence_update", {"success": True}, "normal"),
    ("intent_analysis_complete", {}, "normal"),
    ("system_health_update", {"status": "down"}, "critical"),
    ("system_health_update", {"status": "degraded"}, "high"),
    ("system_health_update", {"status": "healthy"}, "low"),
    ("system_health_update", {"status": "recovering"}, "low"),
    ("property_alert", {"match_score": 84.99, "alert_type": "new_match"}, "normal"),
    ("property_alert", {"match_score": 85, "alert_type": "new_match"}, "high"),
    ("property_alert", {"match_score": 100, "alert_type": "new_match"}, "high"),
    ("property_alert", {"match_score": 10, "alert_type": "price_drop"}, "high"),
    ("property_alert", {"match_score": 99, "alert_type": "price_drop"}, "high"),
    ("property_alert", {"match_score": 89.99, "alert_type": "market_opportunity"}, "high"),
    ("property_alert", {"match_score": 90, "alert_type": "market_opportunity"}, "critical"),
    ("property_alert", {"match_score": 90, "alert_type": "back_on_market"}, "critical"),
    ("property_alert", {"match_score": 20, "alert_type": "back_on_market"}, "normal"),
    ("conversation_event", {"stage": "Q4"}, "high"),
    ("conversation_event", {"stage": "hot"}, "high"),
    ("conversation_event", {"stage": "ready"}, "high"),
    ("conversation_event", {"stage": "Q3"}, "normal"),
    ("conversation_event", {"stage": None}, "normal"),
    ("contact_update", {}, "normal"),
    ("attention_update", {}, "normal"),
    ("intent_feedback", {}, "normal"),
]


@pytest.mark.parametrize(("kind", "changes", "priority"), RULES)
def test_the_priority_is_that_of_the_table(kind: str, changes: dict[str, Any], priority: str) -> None:
    assert admitted(item(kind, **changes)).event.priority == priority


@pytest.mark.parametrize(
    ("value", "rate", "priority"), [(200_000, 0.05, "normal"), (200_001, 0.05, "high"), (200_000, 0.06, "high")]
)
def test_a_deal_is_urgent_by_the_commission_that_we_compute(value: float, rate: float, priority: str) -> None:
    reception = Reception(NOW, commission_rate=rate)
    assert admit(item("commission_update", deal_value=value), reception).event.priority == priority
