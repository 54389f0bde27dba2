"""Random logs for property tests: few contacts, deals and components, every kind of event, in no order of time."""

from datetime import timedelta
from typing import Any

from hypothesis import strategies as st

from jorge_data.events import Event
from tests.metrics.live_location import NOON, make

_contact = st.sampled_from(["dana", "priya"])
_maybe = st.none() | st.sampled_from(["price", "spouse"])

_COST: dict[str, st.SearchStrategy[Any]] = {
    "cost_usd": st.sampled_from([None, "0.000125", "0.000000000001", 0.1, 0.2, 3]),
    "tokens_in": st.sampled_from([None, 0, 1200]),
    "script_version": st.sampled_from([None, "2026-11"]),
}

_KINDS: dict[str, dict[str, st.SearchStrategy[Any]]] = {
    "jorge_qualification_progress": {
        **_COST,
        "contact_id": _contact,
        "current_question": st.integers(0, 3),
        "questions_answered": st.integers(0, 4),
        "seller_temperature": st.sampled_from(["hot", "warm", "cold"]),
        "confrontational_effectiveness": st.sampled_from([0.0, 10.0, 61.5, 100.0]),
        "stall_detected": st.booleans(),
        "stall_type": _maybe,
        "next_step": st.just("ask"),
        "estimated_value": st.none() | st.sampled_from([0.1, 310_000.0]),
    },
    "lead_bot_sequence_update": {
        **_COST,
        "contact_id": _contact,
        "sequence_day": st.sampled_from([3, 7, 14, 30]),
        "action_type": st.sampled_from(["sms_sent", "call_completed"]),
        "success": st.booleans(),
        "next_action_date": st.sampled_from([None, "2026-11-23", "2026-11-24T15:00:00Z"]),
    },
    "conversation_event": {
        **_COST,
        "conversation_id": st.just("talk"),
        "contact_id": _contact,
        "kind": st.sampled_from(
            [
                *("message", "message", "appointment_booked", "opted_out", "opted_in", "handoff", "stall_detected"),
                *("call_started", "call_ended", "call_analyzed", "task"),
            ]
        ),
        "direction": st.sampled_from([None, "inbound", "outbound"]),
        "author": st.sampled_from([None, "contact", "bot", "agent"]),
        "channel": st.sampled_from([None, "sms", "email", "call", "voicemail"]),
        "body": st.sampled_from([None, "STOP", "start", "You won't hear from us again"]),
        "message_id": st.sampled_from([None, None, "m"]),
        "delivery": st.sampled_from([None, "sent", "delivered", "failed"]),
        "agent_id": st.sampled_from([None, "agent-1", "agent-2"]),
        "agent_name": st.sampled_from([None, "Ann"]),
        "duration_seconds": st.sampled_from([None, 30.0]),
    },
    "property_alert": {
        **_COST,
        "contact_id": _contact,
        "alert_id": st.just("a"),
        "property_id": st.just("p"),
        "match_score": st.sampled_from([0.0, 95.0, 100.0]),
        "alert_type": st.sampled_from(["new_match", "price_drop"]),
    },
    "contact_update": {
        "contact_id": _contact,
        "changed": st.sampled_from(
            [{}, {"phone": {"to": None}}, {"phone": {"to": "(512) 555-0127"}}, {"lead_source": {"to": "Zillow"}}]
        ),
        "name": st.sampled_from(["Dana", "Reed"]),
        "phone": st.sampled_from([None, "+15125550100", "by letter"]),
        "email": st.sampled_from([None, "dana@example.com"]),
        "assigned_to": st.sampled_from([None, "", "agent-1"]),
    },
    "commission_update": {
        "deal_id": st.sampled_from(["elm", "oak"]),
        "deal_value": st.sampled_from([0.0, 0.1, 412_500.25]),
        "status": st.sampled_from(["open", "open", "won", "lost"]),
        "stage": st.sampled_from([None, "offer", "showing"]),
        "closed_at": st.sampled_from([None, "2026-11-01", "2026-12-01T05:59:59Z"]),
        "probability": st.none() | st.just(0.5),
    },
    "system_health_update": {
        "component": st.sampled_from(["redis", "ghl"]),
        "status": st.sampled_from(["healthy", "down"]),
        "response_time_ms": st.sampled_from([0.0, 12.5]),
    },
    "bot_status_update": {
        **_COST,
        "bot_type": st.sampled_from(["jorge-seller", "lead-bot"]),
        "status": st.sampled_from(["active", "processing", "idle", "error"]),
        "contact_id": st.sampled_from([None, "dana"]),
    },
    "attention_update": {
        "item": st.sampled_from(
            [
                "hot:dana",
                "callback:dana",
                "stall:dana",
                "send:priya",
                "call:dana",
                "optout:dana",
                "reply:dana",
                "contact:priya",
                "bot:lead-bot",
                "component:redis",
                "deal:elm",
                "hot",
            ]
        ),
        "action": st.sampled_from(
            ["acknowledged", "snoozed", "assigned", "reopened", "called", "called", "noted", "undone"]
        ),
        "outcome": st.sampled_from([None, "reached", "no_answer", "not_interested", "wrong_number"]),
        "by": st.sampled_from(["jorge", "ann"]),
    },
    "intent_analysis_complete": {
        **_COST,
        "processing_time_ms": st.sampled_from([12.0, 42.0, 43.0]),
        "confidence_score": st.sampled_from([0.5, 0.85, 1.0]),
        "intent_category": st.sampled_from(["buyer", "seller"]),
        "urgency_level": st.just("active"),
        "ml_features_triggered": st.just(["price"]),
    },
    "intent_feedback": {
        "analysis_id": st.integers(1, 12).map(lambda seq: f"e{seq}"),
        "actual_category": st.sampled_from(["buyer", "seller"]),
        "analysis_source": st.sampled_from([None, "test", "other"]),
    },
}

_minutes = st.integers(-200, 200) | st.integers(-9, 9).map(lambda days: 1440 * days) | st.integers(-3, 3)
_event = st.sampled_from(sorted(_KINDS)).flatmap(
    lambda kind: st.tuples(st.just(kind), _minutes, st.fixed_dictionaries(_KINDS[kind]))
)


def _log(drawn: list[tuple[str, int, dict[str, Any]]]) -> list[Event]:
    return [
        make(kind, NOON + timedelta(minutes=minutes), seq, **data) for seq, (kind, minutes, data) in enumerate(drawn, 1)
    ]


logs: st.SearchStrategy[list[Event]] = st.lists(_event, max_size=25).map(_log)
"""Logs in the order of their seq."""
