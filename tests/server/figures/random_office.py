"""Random logs of one office: late, doubled, shuffled and month-old events of few contacts, so that all depends on all.

A seed makes the same log again.
"""

import random
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from jorge_data.events import Event, Reception, admit
from jorge_data.metrics import Targets
from jorge_data.metrics.commission import CommissionRates

Json = dict[str, Any]

MOMENTS = (
    datetime(2026, 11, 23, 18, 0, 20, tzinfo=UTC),
    datetime(2026, 11, 1, 6, 30, tzinfo=UTC),  # the office's clock is put back at 07:00
    datetime(2026, 3, 8, 20, 59, 59, 999_999, tzinfo=UTC),  # it was put forward at 08:00
    datetime(2026, 12, 1, 5, 59, 30, tzinfo=UTC),  # the last minute of the office's November
    datetime(2026, 12, 1, 6, 0, tzinfo=UTC),
)
RULES = (
    Targets(),
    Targets(zone=ZoneInfo("Asia/Kathmandu"), intent_target_ms=20, confidence_target=0.5),
    Targets(rates=CommissionRates(Decimal("0.05"), ((date(2026, 11, 15), Decimal("0.0725")),)), silent_after_s=60),
    Targets(zone=ZoneInfo("America/Santiago"), down_until_reported=False, monthly_target=100),
)


@dataclass(frozen=True)
class Office:
    """A log in the order of arrival, in parts that are folded one by one, each with the rules that hold from then."""

    now: datetime
    parts: list[tuple[list[Event], Targets]]


def office(seed: int) -> Office:
    """Return a random office."""
    chance = random.Random(seed)
    now, size = chance.choice(MOMENTS), chance.choice([3, 8, 20, 60])
    age = chance.choice([_age, _age, _minute])
    events = [_event(chance, now - age(chance), now, number) for number in range(size)]
    events += [chance.choice(events) for _ in range(chance.choice([0, 0, size // 4]))]
    count = chance.choice([0, 1, 3]) if size > 8 else chance.choice([0, 2, len(events)])
    cuts = sorted(chance.sample(range(len(events) + 1), count))
    parts, rules = [], chance.choice(RULES)
    for start, end in zip([0, *cuts], [*cuts, len(events)], strict=True):
        rules = chance.choice(RULES) if chance.random() < 0.2 else rules
        parts.append((events[start:end], rules))
    return Office(now, parts)


def _age(chance: random.Random) -> timedelta:
    """Return an age that is often the same as another's, or just within or beyond a window."""
    match chance.randrange(6):
        case 0:
            return timedelta(minutes=chance.randrange(-4, 20))
        case 1:
            return timedelta(seconds=chance.randrange(-200, 7200))
        case 2:
            days = chance.choice([1, 2, 30])
            return timedelta(days=days, seconds=chance.randrange(-70, 70))
        case 3:
            return timedelta(hours=chance.randrange(60))
        case 4:
            return timedelta(days=chance.randrange(50), microseconds=chance.randrange(10**6))
    return timedelta(minutes=chance.choice([1, 5, 14, 15, 16, 60]))


def _minute(chance: random.Random) -> timedelta:
    """Return one of very few ages, so that most events share their moment with another."""
    return timedelta(minutes=chance.randrange(3))


def _event(chance: random.Random, time: datetime, now: datetime, number: int) -> Event:
    kind = chance.choice(list(_DATA))
    data = {name: value for name, value in _DATA[kind](chance, now).items() if value is not ...}
    item = {
        # Two sources name their events alike.
        "id": f"e{number // 2}",
        "source": ("one", "two")[number % 2],
        "type": kind,
        "time": time.isoformat(),
        "data": data,
    }
    return admit(item, Reception(now)).event


def _contact(chance: random.Random) -> str:
    return chance.choice(["dana", "luis", "noor"])


def _date(chance: random.Random, now: datetime) -> str | None:
    moment = now + timedelta(hours=chance.randrange(-1200, 100))
    return chance.choice([None, moment.date().isoformat(), now.date().isoformat(), moment.isoformat()])


def _qualification(chance: random.Random, now: datetime) -> Json:
    return {
        "contact_id": _contact(chance),
        "current_question": chance.randrange(2),
        "questions_answered": chance.choice([0, 1, 4]),
        "seller_temperature": chance.choice(["hot", "hot", "warm", "cold"]),
        "confrontational_effectiveness": chance.choice([0.0, 0.5, 61.5, 62.5]),
        "stall_detected": chance.random() < 0.5,
        "next_step": chance.choice(["", "call"]),
        "contact_name": chance.choice([..., "Dana"]),
    }


def _step(chance: random.Random, now: datetime) -> Json:
    return {
        "contact_id": _contact(chance),
        "sequence_day": chance.choice([3, 7, 30]),
        "action_type": chance.choice(["sms_sent", "email_sent", "call_scheduled", "call_completed"]),
        "success": chance.random() < 0.5,
        "next_action_date": _date(chance, now),
        "retell_call_duration_seconds": chance.choice([..., None, 0, 30, 200.5]),
    }


def _analysis(chance: random.Random, now: datetime) -> Json:
    return {
        "processing_time_ms": chance.choice([0.0, 12.0, 20.0, 42.0, 43.0, 900.0]),
        "confidence_score": chance.choice([0.0, 0.5, 0.85, 0.8500001, 1.0]),
        "intent_category": chance.choice(["buyer", "seller"]),
        "urgency_level": "active",
        "ml_features_triggered": [],
        "contact_id": chance.choice([..., "dana"]),
    }


def _bot(chance: random.Random, now: datetime) -> Json:
    return {
        "bot_type": chance.choice(["jorge-seller", "lead-bot", "intent-decoder", "night-bot"]),
        "status": chance.choice(["active", "processing", "idle", "completed", "error"]),
        "contact_id": chance.choice([..., None, "dana", "luis"]),
        "current_step": chance.choice([..., "", "generate"]),
        "error_message": chance.choice([..., None, "timeout"]),
        "processing_time_ms": chance.choice([..., None, 0.0, 120.0, 400.0]),
    }


def _talk(chance: random.Random, now: datetime) -> Json:
    kinds = ["message", "message", "stage_changed", "stall_detected", "handoff", "call_started", "call_ended"]
    kinds += ["call_analyzed", "appointment_booked", "opted_out", "opted_in", "task", "task", "note"]
    return {
        "conversation_id": chance.choice(["a", "b", "c"]),  # of whoever speaks in it
        "contact_id": _contact(chance),
        "kind": chance.choice(kinds),
        "direction": chance.choice([..., None, "inbound", "inbound", "outbound"]),
        "author": chance.choice([..., None, "contact", "bot", "agent"]),
        "channel": chance.choice([..., None, "sms", "sms", "email", "voicemail", "call"]),
        "body": chance.choice([..., None, "STOP", "Start.", "don't call me", "You won't hear from us again", "Hi"]),
        "message_id": chance.choice([..., ..., None, "m1", "m2"]),
        "delivery": chance.choice([..., ..., None, "sent", "delivered", "failed"]),
        "conversation_deleted": chance.choice([..., ..., None, True]),
        "duration_seconds": chance.choice([..., 0, 30, 200.5]),
    }


def _health(chance: random.Random, now: datetime) -> Json:
    return {
        "component": chance.choice(["redis", "ghl"]),
        "status": chance.choice(["healthy", "healthy", "degraded", "down", "recovering"]),
        "response_time_ms": chance.choice([0.0, 12.5]),
        "error_message": chance.choice([..., "refused"]),
    }


def _alert(chance: random.Random, now: datetime) -> Json:
    return {
        "contact_id": _contact(chance),
        "alert_id": "a",
        "property_id": "p",
        "match_score": 90.0,
        "alert_type": "price_drop",
    }


def _deal(chance: random.Random, now: datetime) -> Json:
    return {
        "deal_id": chance.choice(["elm", "oak", "ash"]),
        "deal_value": chance.choice([0.0, 0.125, 412_500.25, 100_008.5]),
        "status": chance.choice(["open", "open", "won", "won", "lost", "deleted"]),
        "stage": chance.choice([..., "Offer"]),
        "closed_at": _date(chance, now),
    }


def _update(chance: random.Random, now: datetime) -> Json:
    return {
        "contact_id": _contact(chance),
        "changed": {},
        "name": chance.choice([None, "Dana W.", "Reed"]),
        "phone": chance.choice([..., ..., None, "+15125550100", "+15125550101", ""]),
        "email": chance.choice([..., ..., None, "dana@example.com"]),
        "assigned_to": chance.choice([..., ..., None, "agent-1", ""]),
        "deleted": chance.choice([..., ..., None, True, False]),
    }


_ITEMS = ("optout", "hot", "callback", "reply", "stall", "overdue", "call", "send", "contact")
_ACTIONS = ("acknowledged", "snoozed", "assigned", "reopened", "called", "called", "called", "noted", "undone")


def _act(chance: random.Random, now: datetime) -> Json:
    items = [f"{kind}:{_contact(chance)}" for kind in _ITEMS]
    until = (now + timedelta(minutes=chance.randrange(-90, 90))).isoformat()
    return {
        "item": chance.choice([*items, "bot:lead-bot", "bot:night-bot", "component:redis", "deal:elm", "x"]),
        "action": chance.choice(_ACTIONS),
        "outcome": chance.choice(
            [..., None, "reached", "no_answer", "appointment", "not_interested", "wrong_number", "other"]
        ),
        "by": chance.choice(["jorge", "ann"]),
        "until": chance.choice([..., None, until]),
    }


def _feedback(chance: random.Random, now: datetime) -> Json:
    return {
        "analysis_id": f"e{chance.randrange(30)}",
        "actual_category": chance.choice(["buyer", "seller"]),
        "analysis_source": chance.choice([..., None, "one", "two"]),
    }


def _annotation(chance: random.Random, now: datetime) -> dict[str, Any]:
    return {"label": "campaign", "deleted": chance.choice([..., None, True])}


_DATA = {
    "jorge_qualification_progress": _qualification,
    "lead_bot_sequence_update": _step,
    "intent_analysis_complete": _analysis,
    "bot_status_update": _bot,
    "conversation_event": _talk,
    "system_health_update": _health,
    "property_alert": _alert,
    "commission_update": _deal,
    "contact_update": _update,
    "attention_update": _act,
    "intent_feedback": _feedback,
    "annotation": _annotation,
}
