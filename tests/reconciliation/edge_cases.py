"""Events at the very edges of days, bins, rates, targets and deadlines, which no story hits by chance."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import chain, count
from typing import Any

Json = dict[str, Any]

MICROSECOND, MINUTE, HOUR, DAY = (
    timedelta(microseconds=1),
    timedelta(minutes=1),
    timedelta(hours=1),
    timedelta(days=1),
)
MIDNIGHT = datetime(2024, 11, 3, 5, tzinfo=UTC)
"""The office's 3 November begins, a day of 25 hours."""

EDGES = (
    MIDNIGHT - MICROSECOND,
    MIDNIGHT,
    MIDNIGHT + timedelta(hours=1, minutes=30),  # half past one,
    MIDNIGHT + timedelta(hours=2, minutes=30),  # and half past one again
    MIDNIGHT + 25 * HOUR - MICROSECOND,
    MIDNIGHT + 25 * HOUR,
    datetime(2024, 10, 1, 5, tzinfo=UTC) - MICROSECOND,
    datetime(2024, 11, 1, 5, tzinfo=UTC),
)
"""Moments beside which a day, an hour or a month begins or ends."""


def edge_cases() -> Iterator[Json]:
    """Yield every edge case as a publisher sends it; ids are the same at each call."""
    numbers = count()
    people = _edges(), _sellers(), _waits(), _sequences(), _alerts()
    for at, kind, data in chain(*people, _decoder(), _deals(), _components(), _costs()):
        yield {
            "id": f"corner-{next(numbers)}",
            "source": "corners",
            "type": kind,
            "time": at.isoformat(),
            "data": data,
        }
    yield from _labels()


EdgeCase = tuple[datetime, str, Json]


def _answer(at: datetime, contact: str, answered: int, temperature: str, **more: Any) -> EdgeCase:
    data = {
        "contact_id": contact,
        "current_question": min(answered, 3),
        "questions_answered": answered,
        "seller_temperature": temperature,
        "confrontational_effectiveness": 50,
        "stall_detected": False,
        "next_step": "ask",
    }
    return at, "jorge_qualification_progress", data | more


def _conversation(at: datetime, contact: str, kind: str = "message", **more: Any) -> EdgeCase:
    return at, "conversation_event", {"conversation_id": f"v-{contact}", "contact_id": contact, "kind": kind} | more


def _reply(at: datetime, contact: str) -> EdgeCase:
    return _conversation(at, contact, direction="inbound", author="contact", channel="sms", body="yes")


def _step(at: datetime, contact: str, day: int, success: bool = True, **more: Any) -> EdgeCase:
    data = {"contact_id": contact, "sequence_day": day, "action_type": "sms_sent", "success": success}
    return at, "lead_bot_sequence_update", data | more


def _edges() -> Iterator[EdgeCase]:
    for number, at in enumerate(EDGES):
        contact = f"edge-{number}"
        yield _answer(at, contact, number % 5, ("cold", "warm", "hot")[number % 3], confrontational_effectiveness=100)
        yield _step(at, contact, 3, next_action_date="2024-11-03")
        yield _conversation(at, contact, direction="outbound", author="bot", channel="email", sentiment="positive")
        yield _analysis(at, 42, 0.85)
        yield at, "bot_status_update", {"bot_type": "lead-bot", "status": "error", "contact_id": contact}
        yield at, "contact_update", {"contact_id": contact, "changed": {}, "name": f"Edge Ünï {number}"}
        yield at, "attention_update", {"item": f"stall:{contact}", "action": "acknowledged", "by": "jorge"}


def _sellers() -> Iterator[EdgeCase]:
    at = datetime(2024, 10, 7, 15, tzinfo=UTC)
    yield _answer(at, "jumps", 3, "cold")  # three questions at once
    yield _answer(at + DAY, "jumps", 4, "hot")
    yield _answer(at, "hot-early", 1, "hot", confrontational_effectiveness=9.99)
    yield _answer(at + HOUR, "hot-early", 2, "warm", stall_detected=True, stall_type="price")
    yield _answer(at + 2 * HOUR, "hot-early", 2, "warm", stall_detected=True, stall_type="timing")
    yield _answer(at, "same-moment", 1, "warm")  # seq decides which is the newest
    yield _answer(at, "same-moment", 0, "cold", confrontational_effectiveness=0)


def _act(at: datetime, item: str, action: str, by: str = "jorge", **more: Any) -> EdgeCase:
    return at, "attention_update", {"item": item, "action": action, "by": by} | more


def _waits() -> Iterator[EdgeCase]:
    """Yield who turns hot, and whether a person called, was heard, told of it, took it back, or was whose she is."""
    hot = datetime(2024, 10, 14, 15, tzinfo=UTC)
    agent = {"author": "agent", "direction": "outbound", "channel": "call"}
    for name in ("rung", "called", "voicemail", "undone", "left", "again", "given", "taken", "in-call"):
        yield _answer(hot, name, 2, "hot")
    yield _conversation(hot + MINUTE, "rung", "call_started", **agent)
    yield _conversation(hot + 5 * MINUTE, "rung", "call_ended", duration_seconds=0, **agent)
    yield _act(hot + 9 * MINUTE, "hot:called", "called", outcome="no_answer")
    yield _act(hot + 15 * MINUTE, "hot:called", "called", by="maria", outcome="appointment", agent_id="agent-7")
    yield _conversation(
        hot + 3 * MINUTE, "voicemail", "call_ended", **agent | {"channel": "voicemail"}, duration_seconds=9
    )
    yield _act(hot + MINUTE, "hot:undone", "called", outcome="reached")
    yield _act(hot + 2 * MINUTE, "hot:undone", "undone")
    yield _conversation(hot + 4 * MINUTE, "left", "opted_out", channel="sms")
    yield _conversation(hot + 6 * MINUTE, "left", "opted_out", channel="call")
    yield _answer(hot + MINUTE, "again", 2, "warm")
    yield _answer(hot + 2 * MINUTE, "again", 2, "hot")
    yield _conversation(hot + 5 * MINUTE, "again", author="agent", direction="outbound", channel="sms", body="Hello")
    yield _answer(hot + 5 * MINUTE, "again", 2, "cold")
    yield _answer(hot + DAY, "again", 2, "hot")
    yield (
        hot - HOUR,
        "contact_update",
        {"contact_id": "given", "changed": {"lead_source": {"to": "Zillow"}}} | {"assigned_to": "agent-7"},
    )
    yield _conversation(hot + 5 * MINUTE, "given", author="agent", agent_name="Maria", channel="email", body="Hello")
    yield _act(hot + MINUTE, "hot:taken", "assigned", to="maria")
    yield _act(hot + 3 * HOUR, "call:taken", "called", outcome="reached")
    yield _conversation(hot + 10 * MINUTE, "in-call", "call_ended", duration_seconds=1800, **agent)


def _sequences() -> Iterator[EdgeCase]:
    at, end = datetime(2024, 10, 31, 16, tzinfo=UTC), MIDNIGHT + 25 * HOUR
    for name, following in (("in-time", end - MICROSECOND), ("too-late", end), ("never", None)):
        yield _step(at, name, 3, next_action_date="2024-11-03")
        if following:
            yield _step(following, name, 7)
    yield _step(at, "failed", 3, next_action_date="2024-11-03")
    yield _step(at + HOUR, "failed", 7, success=False, failure_reason="busy")  # keeps no promise
    yield _step(at, "calls", 3, next_action_date="2024-11-03")
    yield _conversation(at + HOUR, "calls", "call_started", direction="inbound", channel="call")
    yield _step(at, "by-moment", 7, next_action_date="2024-11-03T01:30:00-05:00")
    yield _step(at + DAY, "by-moment", 30, action_type="call_completed", retell_call_duration_seconds=0)
    yield _reply(at - HOUR, "spoke-before")  # before the intake is no reply
    yield _step(at, "spoke-before", 3, next_action_date="2099-01-01")
    yield _step(at, "both", 3)
    yield _conversation(at + HOUR, "both", "opted_out")
    yield _conversation(at + 2 * HOUR, "both", "appointment_booked")
    yield from _consents(at)


def _consents(at: datetime) -> Iterator[EdgeCase]:
    """Yield who opts out of the promised channel, of another one, in again, or before the promise was made."""
    stop = {"direction": "inbound", "author": "contact", "channel": "sms", "body": "Stop."}
    for name, due in (("stop-text", "2024-11-16"), ("stop-call", "2024-11-04"), ("back", "2024-11-16")):
        yield _step(at, name, 3 if name == "stop-call" else 7, next_action_date=due)
        yield _conversation(at + HOUR, name, **stop)
    yield _step(at, "failed-text", 3, False, next_action_date="2024-10-31", failure_reason="busy")
    yield _conversation(at + HOUR, "failed-text", "opted_out", channel="sms")
    yield _conversation(at + DAY, "back", "opted_in", channel="sms")
    yield _conversation(at + DAY, "back", direction="outbound", author="bot", channel="sms", body="Welcome back")
    yield _conversation(at - HOUR, "left-before", "opted_out", channel="voicemail")
    yield _step(at, "left-before", 3, next_action_date="2024-11-04")
    yield _step(at, "left-late", 3, next_action_date="2024-11-03")
    yield _conversation(MIDNIGHT + 25 * HOUR, "left-late", "opted_out")
    for channel in ("sms", "email"):  # of two channels, one is left
        yield _conversation(at + 3 * DAY, "half-left", direction="inbound", author="contact", channel=channel, body="?")
    yield _conversation(at + 4 * DAY, "half-left", "opted_out", channel="sms")


def _analysis(at: datetime, took: float, confidence: float, category: str = "buyer", **more: Any) -> EdgeCase:
    data = {
        "processing_time_ms": took,
        "confidence_score": confidence,
        "intent_category": category,
        "urgency_level": "active",
        "ml_features_triggered": ["budget", "budget", "school_district"],
        "contact_id": "decoded",
    }
    return at, "intent_analysis_complete", data | more


def _decoder() -> Iterator[EdgeCase]:
    at = datetime(2024, 11, 12, 9, tzinfo=UTC)
    for number, confidence in enumerate((0, 0.05, 0.15, 0.35, 0.7, 0.85, 0.850001, 0.95, 1)):
        yield _analysis(at + number * MINUTE, 41.9 + number / 10, confidence, "investor")


def _labels() -> Iterator[Json]:
    """Yield analyses of one id from two sources, with verdicts on both of them, on one, and on that of no source."""
    at = datetime(2024, 11, 12, 11, tzinfo=UTC)
    verdicts: list[Json] = [
        {"analysis_id": "both"},
        {"analysis_id": "one", "analysis_source": "rival"},
        {"analysis_id": "mixed"},
        {"analysis_id": "mixed", "analysis_source": "corners", "actual_category": "curious"},
        {"analysis_id": "none", "analysis_source": "nobody"},
    ]
    cases: list[tuple[str, str, EdgeCase]] = [
        (f"verdict-{number}", "people", (at + number * MINUTE, "intent_feedback", {"actual_category": "buyer"} | data))
        for number, data in enumerate(verdicts)
    ]
    for name in ("both", "one", "mixed", "none"):
        cases.append((name, "corners", _analysis(at, 40, 0.9)))
        cases.append((name, "rival", _analysis(at + MINUTE, 40, 0.6, "seller")))
    for identity, source, (moment, kind, data) in cases:
        yield {"id": identity, "source": source, "type": kind, "time": moment.isoformat(), "data": data}


def _deal(at: datetime, deal: str, value: float, status: str = "open", **more: Any) -> EdgeCase:
    data = {"deal_id": deal, "deal_value": value, "status": status, "name": deal, "lead_source": "corners"}
    return at, "commission_update", data | more


def _deals() -> Iterator[EdgeCase]:
    at = datetime(2024, 10, 10, 14, tzinfo=UTC)
    yield _deal(at, "no-stage", 123_456.78)  # without a probability
    yield _deal(at, "spelled", 200_000.25, stage="Under Contract", expected_close="2024-12-20")
    yield _deal(at, "spelled", 210_000.25, stage="Under Contract", expected_close="2024-12-31")  # the same moment
    yield _deal(at, "spelled-otherwise", 300_000, stage="under-contract")
    yield _deal(at, "half-cent", 1_000.125, stage="offer")
    yield _deal(at, "given", 99_999.99, stage="offer", probability=0.333)
    for number, day in enumerate(("2024-10-14T23:59:59-05:00", "2024-10-15T00:00:00-05:00", "2024-11-20T00:00:00Z")):
        yield _deal(at, f"won-{number}", 250_000.25, stage="offer")
        yield _deal(at + 20 * DAY, f"won-{number}", 333_333.35, "won", stage="closed", closed_at=day)
    yield from _deals_of_summer()
    yield _deal(at, "reopened", 150_000, stage="showing")
    yield _deal(at + 3 * DAY, "reopened", 150_000, "lost", stage="showing")
    yield _deal(at + 9 * DAY, "reopened", 155_000, stage="offer", probability=0.5)
    yield _deal(at + 5 * DAY, "dated-back", 80_000, "abandoned", closed_at=(at - 40 * DAY).isoformat())


def _deals_of_summer() -> Iterator[EdgeCase]:
    """Yield deals that had closed when the past months began, so that these could be forecast."""
    at = datetime(2024, 7, 8, 14, tzinfo=UTC)
    for number in range(8):
        yield _deal(at, f"summer-{number}", 120_000, stage="offer")
        yield _deal(at + (2 + number) * DAY, f"summer-{number}", 125_000, stage="Under Contract")
        status = "won" if number % 4 else "lost"
        yield _deal(at + (9 + 5 * number) * DAY, f"summer-{number}", 125_000, status)
    yield _deal(at + 40 * DAY, "autumn", 150_000, stage="offer")
    yield _deal(at + 100 * DAY, "autumn", 155_000, "won", closed_at=(at + 80 * DAY).isoformat())


def _alerts() -> Iterator[EdgeCase]:
    at = datetime(2024, 10, 20, 12, tzinfo=UTC)
    answers = (7 * DAY, 7 * DAY + MICROSECOND, timedelta())
    for number, answered_after in enumerate(answers):
        contact = f"alerted-{number}"
        yield _alert(at, contact, 10 * number, "market_opportunity")
        yield _reply(at + answered_after, contact)
    yield _alert(at, "alerted-twice", 100, "other")
    yield _alert(at + HOUR, "alerted-twice", 89.999, "other")
    yield _reply(at + 2 * HOUR, "alerted-twice")


def _alert(at: datetime, contact: str, score: float, sort: str) -> EdgeCase:
    data = {"contact_id": contact, "alert_id": f"a-{contact}", "property_id": "p-corner", "match_score": score}
    return at, "property_alert", data | {"alert_type": sort}


def _components() -> Iterator[EdgeCase]:
    """Components with reports just in time, a little too late, of one moment, across midnight; and that stay down."""
    at = MIDNIGHT - 20 * MINUTE
    statuses = ("healthy", "down", "degraded", "healthy", "recovering", "healthy")
    gaps = (timedelta(), 15 * MINUTE, 15 * MINUTE + MICROSECOND, timedelta(), 3 * HOUR, 26 * HOUR)
    for status, gap in zip(statuses, gaps, strict=True):
        at += gap
        report = {"component": "corner", "status": status, "response_time_ms": 0.5}
        yield at, "system_health_update", report
    outage = datetime(2024, 11, 1, 7, 7, tzinfo=UTC)
    for component, status, at in (
        ("outage", "healthy", outage),
        ("outage", "down", outage + MINUTE),  # for three days, and across the night in which an hour comes twice
        ("outage", "healthy", outage + 3 * DAY),
        ("still-down", "down", outage + 20 * DAY),
    ):
        yield at, "system_health_update", {"component": component, "status": status, "response_time_ms": 0.5}


def _costs() -> Iterator[EdgeCase]:
    """Costs of the least and the greatest that is told, as text and number; appointments told again and deleted."""
    at = datetime(2024, 11, 1, 5, tzinfo=UTC)
    for number, cost in enumerate(("0.000000000001", 0.1, "0.20", 0, 999, "1000.5")):
        data = {"bot_type": "lead-bot", "status": ("completed", "processing")[number % 2], "script_version": "corner"}
        yield at - number % 2 * MICROSECOND, "bot_status_update", data | {"cost_usd": cost, "tokens_in": 10**9}
    yield _conversation(at - MICROSECOND, "told-early", author="contact")
    yield _conversation(at, "told-early", "call_analyzed", cost_usd=0.0013)  # a bot's by its cost alone
    yield _conversation(at + DAY, "told-early", author="bot", cost_usd=None)
    for hours, appointment in ((0, "visit"), (9, "visit"), (30, "visit"), (1, "call"), (2, "gone")):
        yield _conversation(at + hours * HOUR, "booked", "appointment_booked", appointment_id=appointment)
    gone = {"appointment_id": "gone", "appointment_status": "deleted"}
    yield _conversation(at + 3 * HOUR, "booked", "stage_changed", **gone)
