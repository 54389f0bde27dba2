"""The priority of an event, by the rules that the bots' own publisher had (`docs/events.md`)."""

from collections.abc import Callable, Mapping
from typing import Any, Literal

Priority = Literal["low", "normal", "high", "critical"]
Data = Mapping[str, Any]

LARGE_COMMISSION = 10_000.0
"""US dollars; a deal whose commission is more has high priority."""


def _alert(data: Data) -> Priority:
    score, kind = data["match_score"], data["alert_type"]
    if kind in ("market_opportunity", "back_on_market") and score >= 90:
        return "critical"
    return "high" if score >= 85 or kind == "price_drop" else "normal"


def _health(data: Data) -> Priority:
    by_status: dict[str, Priority] = {"down": "critical", "degraded": "high"}
    return by_status.get(data["status"], "low")


def rate(kind: str, data: Data, commission_rate: float) -> Priority:
    """Return the priority of a valid event of this kind."""
    if kind == "commission_update":
        return "high" if data["deal_value"] * commission_rate > LARGE_COMMISSION else "normal"
    rule = _RULES.get(kind)
    return rule(data) if rule else "normal"


_RULES: dict[str, Callable[[Data], Priority]] = {
    "bot_status_update": lambda data: "high" if data["status"] == "error" else "normal",
    "jorge_qualification_progress": lambda data: "high" if data["seller_temperature"] == "hot" else "normal",
    "lead_bot_sequence_update": lambda data: "normal" if data["success"] else "high",
    "conversation_event": lambda data: "high" if data.get("stage") in ("Q4", "hot", "ready") else "normal",
    "system_health_update": _health,
    "property_alert": _alert,
}
