"""Lines of the feed: every kind of event in the words of the Command Center, as plain text in spans."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Literal, NamedTuple

from jorge_data.events import Event
from jorge_data.events.consent import EVERY, channel_of
from jorge_data.events.money import cents
from jorge_data.events.timestamps import event_micros
from jorge_data.metrics.entities.deal import closed_at
from jorge_data.metrics.entities.event_subject import contact_of, failure_in
from jorge_data.metrics.formatting import SIGNS, day, duration, joined, line, milliseconds, money, portion
from jorge_data.metrics.names import field_words, label_words, value_words, words_or_nothing
from jorge_data.metrics.targets import Targets
from jorge_data.metrics.wall.view import Group, Line, Span

BOT_LABELS = {"jorge-seller": "Seller bot", "lead-bot": "Lead bot", "intent-decoder": "Intent decoder"}
ASKED = "asked to be called back"
CHANNELS = {"sms_sent": "SMS", "email_sent": "e-mail", "call_scheduled": "call", "call_completed": "call"}

Data = dict[str, Any]
Words = tuple[list[Span], str]
_Temperature = Literal["hot", "warm", "cold"]


class Context(NamedTuple):
    """What wording an event needs besides its data."""

    name: str
    targets: Targets
    at: int
    people: Mapping[str, str]

    def person(self, id_: str) -> str:
        """Return how a person of the office is called, the id where nobody told it."""
        return line(self.people.get(id_) or id_)


NOBODY_KNOWN: Mapping[str, str] = MappingProxyType({})


def line_of(event: Event, name: str, targets: Targets, people: Mapping[str, str] = NOBODY_KNOWN) -> Line:
    """Return the event's line; `name` is the contact's, empty where there is none, `people` the office's, by ids."""
    group, words = _KINDS[event.type]
    title, detail = words(event.data, Context(name, targets, event_micros(event), people))
    return {
        "seq": event.seq,
        "at_ms": event_micros(event) // 1000,
        "group": group,
        "title": title,
        "detail": detail,
        "contact": contact_of(event),
    }


def without_contact(line: Line) -> Line:
    """Return a line of a bot or a component without what may name a contact: steps and errors do."""
    return {**line, "contact": None, "detail": ""}


def _qualification(data: Data, context: Context) -> Words:
    temperature: _Temperature = data["seller_temperature"]
    answered, question = data["questions_answered"], data["current_question"] + 1
    act = f" answered question {answered} " if answered else f" is asked question {question} "
    if data["stall_detected"]:
        act = f" stalled on question {question} "
    detail = joined(
        words_or_nothing(data.get("stall_type"), "stall_type") if data["stall_detected"] else "",
        f"effectiveness {data['confrontational_effectiveness']:.0f}",
        f"next: {line(data['next_step'])}" if data["next_step"] else "",
    )
    return [("b", context.name), ("t", act), (temperature, SIGNS[temperature])], detail


def _sequence(data: Data, context: Context) -> Words:
    step: Span = ("b", f"Day {data['sequence_day']} {CHANNELS[data['action_type']]}")
    if not data["success"]:
        return [step, ("t", f" to {context.name} "), ("bad", "failed")], failure_in(data)
    seconds, due = data.get("retell_call_duration_seconds"), data.get("next_action_date")
    detail = joined(
        data["action_type"].split("_")[1],
        duration(seconds) if seconds else "",
        f"next: {day(due, context.targets.zone)}" if due else "",
    )
    return [step, ("t", f" to {context.name}")], detail


def _intent(data: Data, context: Context) -> Words:
    wanted = joined(value_words(data["intent_category"]), value_words(data["urgency_level"]))
    result = f" {wanted} · {portion(data['confidence_score'])} sure"
    features = line(", ".join(map(value_words, data["ml_features_triggered"][:8])))
    return [("b", "Intent"), ("t", result)], joined(milliseconds(data["processing_time_ms"]), features, context.name)


def _feedback(data: Data, context: Context) -> Words:
    by = data.get("labelled_by")
    title: list[Span] = [("b", "Label"), ("t", f" for a message · {value_words(data['actual_category'])}")]
    return title, f"by {context.person(by)}" if by else ""


OPTED_OUT_OF = {"sms": "SMS", "email": "e-mail", "call": "calls", "chat": "chat", "other": "messages", "": "everything"}
"""What somebody opts out of, in words."""


_HAPPENED = {
    "stage_changed": "moved to {stage}",
    "stall_detected": "stalled",
    "handoff": "was handed to a person",
    "call_started": "is on a call",
    "call_ended": "ended a call",
    "call_analyzed": "had a call analyzed",
    "appointment_booked": "booked an appointment",
    "opted_out": "opted out of {of}",
    "opted_in": "opted in to {of} again",
    "task": "has a task",
    "note": "has a note",
}
_DIRECTIONS = {"inbound": "in", "outbound": "out"}


def _conversation(data: Data, context: Context) -> Words:
    kind, seconds = data["kind"], data.get("duration_seconds")
    channel = data.get("channel") or ""
    channel = "SMS" if channel == "sms" else channel
    direction = " ".join(part for part in (channel, _DIRECTIONS.get(data.get("direction") or "")) if part)
    direction = direction[:1].upper() + direction[1:]
    if kind == "message":
        return _message(data, context, direction)
    what, said = _what(data), line(data.get("summary") or data.get("body"))
    detail = joined(
        "" if kind in ("opted_out", "opted_in") else direction,
        duration(seconds) if seconds else "",
        words_or_nothing(data.get("stall_type"), "stall_type"),
        data.get("sentiment"),
        said if said != what else "",
    )
    # A replacement, not a format: the stage is the publisher's text.
    return [("b", context.name), ("t", f" {what.replace('{stage}', line(data.get('stage')))}")], detail


def _what(data: Data) -> str:
    if data["kind"] == "stage_changed" and not data.get("stage"):
        return "changed stage"
    if data["kind"] in ("opted_out", "opted_in"):
        return _HAPPENED[data["kind"]].format(of=OPTED_OUT_OF[channel_of(data) if data.get("channel") else EVERY])
    return ASKED if data["kind"] == "task" and data.get("author") == "contact" else _HAPPENED[data["kind"]]


DELIVERY_WORDS = {
    "queued": "waiting to be sent",
    "sent": "sent, not yet delivered",
    "delivered": "delivered",
    "read": "read",
    "failed": "failed",
    "undelivered": "not delivered",
    "bounced": "bounced",
}
"""How the newest status of a message is said."""


def author_words(data: Data) -> str:
    """Return who of us wrote a message: the agent's name where it is known; "" where nobody says."""
    author = data.get("author")
    return line(data.get("agent_name")) or author if author == "agent" else "bot" if author == "bot" else ""


def _message(data: Data, context: Context, direction: str) -> Words:
    body = f" “{line(data['body'])}”" if data.get("body") else " sent a message"
    author = data.get("author")
    if author in ("bot", "agent") or (author is None and data.get("direction") == "outbound"):
        who = author_words(data) or "we"
        title: list[Span] = [("t", "To "), ("b", context.name), ("t", body if data.get("body") else " a message")]
        return title, joined(direction, who, DELIVERY_WORDS.get(data.get("delivery") or "", ""))
    return [("b", context.name), ("t", body)], joined(direction, data.get("sentiment"))


_ALERTS = {
    "new_match": "new match",
    "price_drop": "price drop",
    "back_on_market": "back on the market",
    "market_opportunity": "market opportunity",
    "other": "alert",
}


def _alert(data: Data, context: Context) -> Words:
    home = data.get("property") or {}
    price, kind = home.get("price"), _ALERTS[data["alert_type"]]
    if price:
        kind = (
            f"{kind} to {money(cents(price))}"
            if data["alert_type"] == "price_drop"
            else f"{kind} · {money(cents(price))}"
        )
    title: list[Span] = [
        ("b", "Property alert"),
        ("t", f" for {context.name} · {portion(data['match_score'] / 100)} match"),
    ]
    return title, joined(line(home.get("address")), kind)


def _deal(data: Data, context: Context) -> Words:
    deal = line(data.get("name")) or context.name or data["deal_id"]
    stage, value = line(data.get("stage")), cents(data["deal_value"])
    ends: dict[str, Span] = {
        "won": ("ok", "won"),
        "lost": ("bad", "lost"),
        "abandoned": ("t", "abandoned"),
        "deleted": ("t", "deleted"),
    }
    act = ends.get(data["status"]) or ("t", f"moved to {stage}" if stage else "is in the pipeline")
    closed = closed_at(data, context.at, context.targets)
    commission = money(context.targets.commission(value, closed))
    return [("b", deal), ("t", " "), act], f"{money(value)} · commission {commission}"


_CONDITIONS: dict[str, Span] = {
    "healthy": ("ok", "is healthy"),
    "recovering": ("warm", "is recovering"),
    "degraded": ("warm", "is degraded"),
    "down": ("bad", "is down"),
}


def _health(data: Data, context: Context) -> Words:
    title: list[Span] = [("b", label_words(data["component"], "component")), ("t", " "), _CONDITIONS[data["status"]]]
    return title, joined(milliseconds(data["response_time_ms"]), line(data.get("error_message")))


_DOINGS: dict[str, Span] = {
    "active": ("t", "is active"),
    "processing": ("t", "is working"),
    "idle": ("t", "is idle"),
    "completed": ("ok", "finished"),
    "error": ("bad", "failed"),
}


def _bot(data: Data, context: Context) -> Words:
    took = data.get("processing_time_ms")
    name: str = data["bot_type"]
    title: list[Span] = [("b", BOT_LABELS.get(name, name)), ("t", " "), _DOINGS[data["status"]]]
    step, error = words_or_nothing(data.get("current_step")), line(data.get("error_message"))
    return title, joined(step, context.name, milliseconds(took) if took is not None else "", error)


def _contact(data: Data, context: Context) -> Words:
    if data.get("erased") is True:
        return [("b", context.name), ("t", " was erased: name, number and words are gone")], ""
    tags = [f"+{tag}" for tag in data.get("tags_added") or []] + [f"−{tag}" for tag in data.get("tags_removed") or []]
    return [("b", context.name), ("t", " was updated")], joined(
        line(", ".join(map(field_words, data["changed"]))), line(" ".join(tags))
    )


_ACTIONS = {
    "acknowledged": "acknowledged",
    "snoozed": "snoozed",
    "assigned": "took",
    "reopened": "reopened",
    "called": "called about",
    "noted": "noted on",
    "undone": "took back the last act on",
}

OUTCOMES = {
    "reached": "reached",
    "no_answer": "no answer",
    "appointment": "appointment",
    "not_interested": "not interested",
    "wrong_number": "wrong number",
    "other": "another outcome",
}
"""How a call went, in words."""

_ITEMS = {
    "hot": "hot seller",
    "callback": "callback",
    "reply": "unanswered reply",
    "stall": "stall",
    "overdue": "overdue step",
    "contact": "contact",
    "send": "failed send",
    "call": "call",
    "optout": "message after opting out",
    "bot": "bot",
    "component": "component",
}


def _attention(data: Data, context: Context) -> Words:
    prefix, _, about = data["item"].partition(":")
    target = joined(_ITEMS.get(prefix), context.name or BOT_LABELS.get(about, line(about))) or line(data["item"])
    outcome = OUTCOMES.get(data.get("outcome") or "") if data["action"] == "called" else ""
    who = line(data.get("agent_name")) or context.person(data["by"])
    said: Words = (
        [("b", who), ("t", f" {_ACTIONS[data['action']]} "), ("b", target)],
        joined(outcome, line(data.get("note"))),
    )
    to = data.get("to") if data["action"] == "assigned" else None
    if not to or to == data["by"]:
        return said
    return [("b", who), ("t", " assigned "), ("b", target), ("t", " to "), ("b", context.person(to))], said[1]


def _annotation(data: Data, context: Context) -> Words:
    by = data.get("by")
    act = "is no longer marked on the charts" if data.get("deleted") else "is marked on the charts"
    return [("b", line(data["label"])), ("t", f" {act}")], f"by {context.person(by)}" if by else ""


_KINDS: dict[str, tuple[Group, Callable[[Data, Context], Words]]] = {
    "jorge_qualification_progress": ("qualification", _qualification),
    "lead_bot_sequence_update": ("sequences", _sequence),
    "intent_analysis_complete": ("intent", _intent),
    "bot_status_update": ("bots", _bot),
    "conversation_event": ("conversations", _conversation),
    "system_health_update": ("health", _health),
    "property_alert": ("properties", _alert),
    "commission_update": ("revenue", _deal),
    "contact_update": ("contacts", _contact),
    "attention_update": ("contacts", _attention),
    "intent_feedback": ("intent", _feedback),
    "annotation": ("contacts", _annotation),
}
