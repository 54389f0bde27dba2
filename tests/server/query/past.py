"""A seeded past: months of events of every kind, with late ones and a change of the clock in it."""

import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from jorge_data.events import Candidate, Reception, admit

END = datetime(2025, 3, 12, 17, 20, 40, tzinfo=UTC)
"""Three days after the office's clock was put forward."""

Data = dict[str, Any]
Random = random.Random


def _cost(chance: Random) -> Data:
    """Return what a bot tells of its cost: nothing, all of it, or some; as text and as a number, of a cent or less."""
    picodollars = chance.randrange(10**10)
    return {
        "cost_usd": chance.choice([None, f"0.{picodollars:012}", f"{picodollars % 3}.50", chance.random() / 100, 0]),
        "tokens_in": chance.choice([None, chance.randrange(10**5)]),
        "tokens_out": chance.choice([None, chance.randrange(10**4)]),
        "script_version": chance.choice([None, "2026-10", "2026-11"]),
    }


def _qualification(chance: Random, contact: str) -> Data:
    return {
        "contact_id": contact,
        "current_question": chance.randrange(4),
        "questions_answered": chance.randrange(5),
        "seller_temperature": chance.choice(["hot", "warm", "cold"]),
        "confrontational_effectiveness": chance.random() * 100,
        "stall_detected": chance.random() < 0.2,
        "next_step": "ask",
        "stall_type": chance.choice([None, "price", "time"]),
        "frs_score": chance.choice([None, chance.random() * 100]),
        "estimated_value": round(chance.random() * 1e6, 2),
        **_cost(chance),
    }


def _sequence(chance: Random, contact: str) -> Data:
    return {
        "contact_id": contact,
        "sequence_day": chance.choice([3, 7, 30]),
        "action_type": chance.choice(["sms_sent", "email_sent", "call_completed"]),
        "success": chance.random() < 0.9,
        "retell_call_duration_seconds": chance.choice([None, chance.randrange(600)]),
        "next_action_date": f"2025-03-{chance.randrange(1, 29):02d}",
        **_cost(chance),
    }


def _intent(chance: Random, contact: str) -> Data:
    return {
        "contact_id": contact,
        "processing_time_ms": chance.lognormvariate(3.5, 0.5),
        "confidence_score": chance.random(),
        "intent_category": chance.choice(["buyer", "seller", "investor", "curious"]),
        "urgency_level": chance.choice(["immediate", "active"]),
        "ml_features_triggered": chance.sample(["a", "b", "c", "d"], 2),
        **_cost(chance),
    }


def _bot(chance: Random, contact: str) -> Data:
    return {
        "bot_type": chance.choice(["jorge-seller", "lead-bot"]),
        "status": chance.choice(["idle", "processing", "error"]),
        "processing_time_ms": chance.choice([None, chance.random() * 900]),
        "contact_id": contact,
        **_cost(chance),
    }


def _talk(chance: Random, contact: str) -> Data:
    return {
        "conversation_id": f"v-{contact}",
        "contact_id": contact,
        "kind": chance.choice(["message", "message", "appointment_booked"]),
        "direction": chance.choice(["inbound", "outbound"]),
        "author": chance.choice(["contact", "bot"]),
        "channel": "sms",
        "body": "hello",
        **_cost(chance),
    }


def _health(chance: Random, contact: str) -> Data:
    status = chance.choice(["healthy", "degraded", "down"])
    return {"component": chance.choice(["redis", "api"]), "status": status, "response_time_ms": chance.random() * 100}


def _alert(chance: Random, contact: str) -> Data:
    return {
        "contact_id": contact,
        "alert_id": "a",
        "property_id": f"p{chance.randrange(9)}",
        "match_score": chance.random() * 100,
        "alert_type": chance.choice(["new_match", "price_drop"]),
        **_cost(chance),
    }


def _deal(chance: Random, contact: str) -> Data:
    return {
        "deal_id": f"d{chance.randrange(30)}",
        "deal_value": round(chance.random() * 1e6, 2),
        "status": chance.choice(["open", "open", "won", "lost"]),
        "stage": chance.choice(["Offer", "Showing"]),
        "contact_id": contact,
    }


MAKERS: dict[str, Callable[[Random, str], Data]] = {
    "jorge_qualification_progress": _qualification,
    "lead_bot_sequence_update": _sequence,
    "intent_analysis_complete": _intent,
    "bot_status_update": _bot,
    "conversation_event": _talk,
    "system_health_update": _health,
    "property_alert": _alert,
    "commission_update": _deal,
}


def events(count: int, seed: int = 1, days: float = 12, location: str = "default") -> Iterator[dict[str, Any]]:
    """Yield events as a publisher sends them, one in ten of them up to five days late."""
    chance = Random(seed)
    for number in range(count):
        time = END - timedelta(days=days) * (1 - number / count)
        if chance.random() < 0.1:
            time -= timedelta(days=5 * chance.random())
        kind = chance.choice(list(MAKERS))
        yield {
            "id": f"{seed}-{number}",
            "source": chance.choice(["one", "two"]),
            "type": kind,
            "time": time.isoformat(),
            "locationid": location,
            "data": MAKERS[kind](chance, f"c{chance.randrange(40)}"),
        }


def candidates(published: list[dict[str, Any]]) -> list[Candidate]:
    """Return events as the server admits them."""
    return [admit(event, Reception(END + timedelta(minutes=1))) for event in published]
