"""A good example of every kind, with all its fields, and the values that each field may not have."""

from datetime import UTC, datetime
from typing import Any

from jorge_data.events import Candidate, Reception, admit

NOW = datetime(2026, 11, 23, 18, 0, tzinfo=UTC)
RECEPTION = Reception(NOW)

Data = dict[str, Any]

COST: Data = {"cost_usd": "0.000125", "tokens_in": 1_200, "tokens_out": 80, "script_version": "2026-11"}

FULL: dict[str, Data] = {
    "jorge_qualification_progress": {
        "contact_id": "c1",
        "current_question": 2,
        "questions_answered": 3,
        "seller_temperature": "hot",
        "confrontational_effectiveness": 81.5,
        "stall_detected": True,
        "next_step": "ask for the price",
        "stall_type": "get_back",
        "frs_score": 72.5,
        "pcs_score": 0,
        "estimated_value": 612_000,
        **COST,
    },
    "lead_bot_sequence_update": {
        "contact_id": "c1",
        "sequence_day": 14,
        "action_type": "call_completed",
        "success": False,
        "retell_call_duration_seconds": 61.5,
        "next_action_date": "2026-11-30",
        "failure_reason": "voicemail",
        "call_id": "call-1",
        **COST,
    },
    "intent_analysis_complete": {
        "processing_time_ms": 38.25,
        "confidence_score": 0.91,
        "intent_category": "seller",
        "urgency_level": "active",
        "ml_features_triggered": ["price_mention", "timeline"],
        "contact_id": "c1",
        "frs_score": 64,
        "pcs_score": 71.5,
        "model_version": "2.1",
        **COST,
    },
    "bot_status_update": {
        "bot_type": "jorge-buyer",
        "status": "processing",
        "contact_id": "c1",
        "current_step": "Q2",
        "processing_time_ms": 120,
        "error_message": "none",
        **COST,
    },
    "conversation_event": {
        "conversation_id": "v1",
        "contact_id": "c1",
        "kind": "message",
        "direction": "inbound",
        "author": "contact",
        "channel": "sms",
        "body": "What <b>would</b> you pay? 🏠",
        "stage": "Q1",
        "stall_type": "think",
        "sentiment": "neutral",
        "duration_seconds": 12,
        "summary": "asks for a price",
        "agent_id": "u1",
        "agent_name": "Sam Roe",
        "message_id": "m1",
        "delivery": "delivered",
        **COST,
    },
    "system_health_update": {
        "component": "redis",
        "status": "recovering",
        "response_time_ms": 12.5,
        "error_message": "reconnecting",
        "metrics": {"clients": 4, "nested": {"deep": [1, None]}},
    },
    "property_alert": {
        "contact_id": "c1",
        "alert_id": "a1",
        "property_id": "p1",
        "match_score": 92.25,
        "alert_type": "price_drop",
        "property": {
            "address": "1 Main St",
            "price": 450_000,
            "bedrooms": 3,
            "bathrooms": 2.5,
            "sqft": 1800,
            "url": "https://example.com/p1",
        },
        "reasons": ["three bedrooms", "price fell"],
        **COST,
    },
    "commission_update": {
        "deal_id": "d1",
        "deal_value": 480_000.5,
        "status": "won",
        "contact_id": "c1",
        "name": "1 Main St",
        "pipeline_id": "pipe",
        "stage_id": "s1",
        "stage": "closing",
        "probability": 0.8,
        "expected_close": "2026-12-15",
        "closed_at": "2026-11-23T17:00:00-06:00",
    },
    "contact_update": {
        "contact_id": "c1",
        "changed": {"phone": {"from": None, "to": "+15550100"}},
        "name": "Ann",
        "deleted": True,
        "merged_into": "c2",
        "assigned_to": "jorge",
        "tags_added": ["Hot-Seller"],
        "tags_removed": [],
        "erased": False,
    },
    "attention_update": {
        "item": "stall:c1",
        "action": "snoozed",
        "by": "jorge",
        "to": "ann",
        "until": "2026-11-24T09:00:00-06:00",
        "note": "after lunch",
    },
    "intent_feedback": {
        "analysis_id": "i1",
        "actual_category": "investor",
        "labelled_by": "jorge",
        "analysis_source": "intent-decoder",
    },
    "annotation": {
        "label": "Autumn campaign",
        "from": "2026-11-01",
        "to": "2026-11-20T18:00:00-06:00",
        "by": "jorge",
        "annotation_id": "campaign-1",
        "deleted": False,
    },
}

REQUIRED: dict[str, tuple[str, ...]] = {
    "jorge_qualification_progress": (
        "contact_id",
        "current_question",
        "questions_answered",
        "seller_temperature",
        "confrontational_effectiveness",
        "stall_detected",
        "next_step",
    ),
    "lead_bot_sequence_update": ("contact_id", "sequence_day", "action_type", "success"),
    "intent_analysis_complete": (
        "processing_time_ms",
        "confidence_score",
        "intent_category",
        "urgency_level",
        "ml_features_triggered",
    ),
    "bot_status_update": ("bot_type", "status"),
    "conversation_event": ("conversation_id", "contact_id", "kind"),
    "system_health_update": ("component", "status", "response_time_ms"),
    "property_alert": ("contact_id", "alert_id", "property_id", "match_score", "alert_type"),
    "commission_update": ("deal_id", "deal_value", "status"),
    "contact_update": ("contact_id", "changed"),
    "attention_update": ("item", "action", "by"),
    "intent_feedback": ("analysis_id", "actual_category"),
    "annotation": ("label",),
}

WRONG: list[tuple[str, str, Any, str]] = [
    ("jorge_qualification_progress", "current_question", 4, "less than or equal to 3"),
    ("jorge_qualification_progress", "current_question", -1, "greater than or equal to 0"),
    ("jorge_qualification_progress", "current_question", True, "valid integer"),
    ("jorge_qualification_progress", "current_question", "2", "valid integer"),
    ("jorge_qualification_progress", "current_question", 1.5, "valid integer"),
    ("jorge_qualification_progress", "questions_answered", 5, "less than or equal to 4"),
    ("jorge_qualification_progress", "seller_temperature", "Hot", "'hot', 'warm' or 'cold'"),
    ("jorge_qualification_progress", "confrontational_effectiveness", 100.1, "less than or equal to 100"),
    ("jorge_qualification_progress", "confrontational_effectiveness", False, "valid number"),
    ("jorge_qualification_progress", "stall_detected", 1, "valid boolean"),
    ("jorge_qualification_progress", "stall_detected", "true", "valid boolean"),
    ("jorge_qualification_progress", "next_step", None, "valid string"),
    ("jorge_qualification_progress", "next_step", "x" * 4001, "at most 4000 characters"),
    ("jorge_qualification_progress", "contact_id", "", "at least 1 character"),
    ("jorge_qualification_progress", "contact_id", 17, "valid string"),
    ("jorge_qualification_progress", "frs_score", -0.5, "greater than or equal to 0"),
    ("jorge_qualification_progress", "estimated_value", "612000", "valid number"),
    ("lead_bot_sequence_update", "sequence_day", 8, "3, 7, 14 or 30"),
    ("lead_bot_sequence_update", "sequence_day", "7", "3, 7, 14 or 30"),
    ("lead_bot_sequence_update", "action_type", "sms", "'sms_sent'"),
    ("lead_bot_sequence_update", "success", "yes", "valid boolean"),
    ("lead_bot_sequence_update", "next_action_date", "tomorrow", "allowed: "),
    ("lead_bot_sequence_update", "next_action_date", "2026-02-30", "allowed: a date"),
    ("intent_analysis_complete", "processing_time_ms", -1, "greater than or equal to 0"),
    ("intent_analysis_complete", "processing_time_ms", "42", "valid number"),
    ("intent_analysis_complete", "confidence_score", 91, "less than or equal to 1"),
    ("intent_analysis_complete", "intent_category", "renter", "'buyer', 'seller', 'investor' or 'curious'"),
    ("intent_analysis_complete", "urgency_level", "now", "'immediate'"),
    ("intent_analysis_complete", "ml_features_triggered", "price", "valid list"),
    ("bot_status_update", "status", "busy", "'active'"),
    ("bot_status_update", "bot_type", "x" * 129, "at most 128 characters"),
    ("conversation_event", "kind", "sms", "'message'"),
    ("conversation_event", "delivery", "bounce", "'queued'"),
    ("conversation_event", "message_id", "", "at least 1 character"),
    ("bot_status_update", "cost_usd", -0.01, "allowed: US dollars from 0"),
    ("bot_status_update", "cost_usd", "$0.10", "decimal text, as in 0.0125"),
    ("bot_status_update", "cost_usd", "1e-4", "decimal text, as in 0.0125"),
    ("bot_status_update", "cost_usd", True, "allowed: US dollars from 0"),
    ("intent_analysis_complete", "tokens_in", 1.5, "valid integer"),
    ("intent_analysis_complete", "tokens_out", -1, "greater than or equal to 0"),
    ("lead_bot_sequence_update", "script_version", 3, "valid string"),
    ("conversation_event", "author", "Contact", "'contact', 'bot' or 'agent'"),
    ("conversation_event", "body", "x" * 4001, "at most 4000 characters"),
    ("system_health_update", "status", "ok", "'healthy'"),
    ("system_health_update", "metrics", [], "valid dictionary"),
    ("property_alert", "match_score", 101, "less than or equal to 100"),
    ("property_alert", "property", "1 Main St", "valid dictionary"),
    ("commission_update", "deal_value", -1, "greater than or equal to 0"),
    ("commission_update", "probability", 80, "less than or equal to 1"),
    ("commission_update", "expected_close", "15/12/2026", "allowed: a date"),
    ("commission_update", "closed_at", "2026-11-23T17:00:00", "RFC 3339 with a zone"),
    ("contact_update", "changed", ["phone"], "valid dictionary"),
    ("contact_update", "deleted", "yes", "valid boolean"),
    ("contact_update", "merged_into", "", "at least 1 character"),
    ("attention_update", "action", "done", "'acknowledged'"),
    ("attention_update", "to", "", "at least 1 character"),
    ("attention_update", "until", "2026-11-24", "RFC 3339 with a zone"),
    ("intent_feedback", "actual_category", None, "'buyer'"),
    ("intent_feedback", "analysis_source", "", "at least 1 character"),
    ("intent_feedback", "analysis_source", "x" * 129, "at most 128 characters"),
    ("intent_feedback", "analysis_source", ["one"], "valid string"),
    ("annotation", "label", "", "at least 1 character"),
    ("annotation", "label", "x" * 201, "at most 200 characters"),
    ("annotation", "from", "last week", "allowed: "),
    ("annotation", "to", "2026-02-30", "allowed: a date"),
    ("annotation", "deleted", "yes", "valid boolean"),
]
"""Kind, field, a value it may not have, and words of what the refusal says is allowed."""


def item(kind: str, /, **changes: Any) -> Data:
    """Return a good event as a publisher sends it, with these fields of its data changed."""
    return {"id": "e1", "source": "tests", "type": kind, "data": FULL[kind] | changes}


def bot(**attributes: Any) -> Data:
    """Return a good event with these attributes of its envelope changed."""
    return item("bot_status_update") | attributes


def admitted(attributes: Any) -> Candidate:
    return admit(attributes, RECEPTION)
