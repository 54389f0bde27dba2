"""A location's log: every event valid by the contract, in the order of the log."""

from datetime import UTC, datetime, timedelta
from typing import Any

from jorge_data.events import Event, Reception, admit

NOON = datetime(2026, 11, 23, 18, 0, tzinfo=UTC)
"""Noon in Chicago, on a Monday."""

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def make(kind: str, /, at: datetime, seq: int, identity: str | None = None, source: str = "test", **data: Any) -> Event:
    """Return a committed event of this kind, as the server would have admitted it."""
    item = {"id": identity or f"e{seq}", "source": source, "type": kind, "time": at.isoformat(), "data": data}
    return admit(item, Reception(at)).event._replace(seq=seq, epoch="one")


class LiveLocation:
    """Publishes events, each the next one of its log."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    def publish(
        self, kind: str, /, at: datetime = NOON, identity: str | None = None, source: str = "test", **data: Any
    ) -> None:
        self.events.append(make(kind, at, len(self.events) + 1, identity, source, **data))

    def qualify(self, contact: str = "dana", at: datetime = NOON, **data: Any) -> None:
        usual: dict[str, Any] = {
            "current_question": 1,
            "questions_answered": 1,
            "seller_temperature": "warm",
            "confrontational_effectiveness": 61.0,
            "stall_detected": False,
            "next_step": "ask condition",
        }
        self.publish("jorge_qualification_progress", at, contact_id=contact, **usual | data)

    def step(self, contact: str = "priya", at: datetime = NOON, **data: Any) -> None:
        usual: dict[str, Any] = {"sequence_day": 3, "action_type": "sms_sent", "success": True}
        self.publish("lead_bot_sequence_update", at, contact_id=contact, **usual | data)

    def analyse(self, ms: float, at: datetime = NOON, identity: str | None = None, **data: Any) -> None:
        usual: dict[str, Any] = {
            "confidence_score": 0.9,
            "intent_category": "seller",
            "urgency_level": "active",
            "ml_features_triggered": ["price"],
        }
        self.publish("intent_analysis_complete", at, identity, processing_time_ms=ms, **usual | data)

    def converse(self, kind: str = "message", contact: str = "dana", at: datetime = NOON, **data: Any) -> None:
        usual: dict[str, Any] = {"conversation_id": f"talk-{contact}", "contact_id": contact, "kind": kind}
        self.publish("conversation_event", at, **usual | data)

    def bot(self, name: str, status: str, at: datetime = NOON, **data: Any) -> None:
        self.publish("bot_status_update", at, bot_type=name, status=status, **data)

    def report(self, component: str, status: str, at: datetime = NOON) -> None:
        self.publish("system_health_update", at, component=component, status=status, response_time_ms=100.0)

    def deal(self, name: str, value: float, status: str = "open", at: datetime = NOON, **data: Any) -> None:
        self.publish("commission_update", at, deal_id=name, deal_value=value, status=status, **data)

    def act(self, item: str, action: str, at: datetime = NOON, **data: Any) -> None:
        self.publish("attention_update", at, item=item, action=action, by="jorge", **data)
