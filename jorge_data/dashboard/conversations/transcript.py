"""A contact's conversation as turns of a chat, with the events between them in order; plain text throughout."""

import json
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, Literal, NamedTuple

from jorge_data.dashboard.ui.timeline import cost_words
from jorge_data.events import Event
from jorge_data.events.consent import EVERY, channel_of
from jorge_data.metrics.entities.contact import Contact
from jorge_data.metrics.entities.seller import QUESTIONS
from jorge_data.metrics.formatting import SIGNS, duration, joined, line, number, portion
from jorge_data.metrics.names import field_words, value_words, words_or_nothing
from jorge_data.metrics.rules import Rules
from jorge_data.metrics.wall.event_sentences import ASKED, DELIVERY_WORDS, OPTED_OUT_OF
from jorge_data.metrics.wall.needs import breach_words
from jorge_data.telephone import written

Side = Literal["contact", "bot", "agent"]
Mark = (
    Literal["stall", "hand-off", "call", "score", "intent", "stage", "appointment", "task", "note"]
    | Literal["opt-out", "opt-in", "after opt-out"]
)


class TranscriptMessage(NamedTuple):
    """A message: its time, its side, its whole text, and its channel and sentiment in words."""

    at: datetime
    side: Side
    body: str
    detail: str


class TranscriptEvent(NamedTuple):
    """An event between messages."""

    at: datetime
    mark: Mark
    text: str


Turn = TranscriptMessage | TranscriptEvent


def turns(events: Iterable[Event]) -> list[Turn]:
    """Return the turns of a contact's events, oldest first; events that are no part of a conversation are left out."""
    ordered = sorted(events, key=lambda event: (event.time, event.seq))
    contact = Contact("")
    for event in ordered:
        contact.apply(event, Rules())
    sent = {breach.send.seq: breach for breach in contact.breaches}
    unheeded = {breach.opt_out.seq for breach in contact.breaches}
    told: list[Turn] = []
    for event in ordered:
        told += _KINDS[event.type](event) if event.type in _KINDS else ()
        if event.seq in unheeded:
            told.append(TranscriptEvent(event.time, "opt-out", "a bot wrote or called after this"))
        if event.seq in sent:
            told.append(TranscriptEvent(event.time, "after opt-out", breach_words(sent[event.seq])))
    return told


def changes(events: Iterable[Event]) -> list[dict[str, Any]]:
    """Return what changed in the CRM, newest first: a row for each field, and one for tags that came and went."""
    rows: list[dict[str, Any]] = []
    for event in sorted(events, key=lambda event: (event.time, event.seq), reverse=True):
        if event.type == "contact_update":
            data = event.data
            origin = {"at": event.time, "source": value_words(event.source, "source"), "event": event}
            for field, change in data["changed"].items():
                was, is_now = _value(field, change.get("from")), _value(field, change["to"])
                rows.append({**origin, "field": line(field_words(field)), "from": was, "to": is_now})
            if data.get("tags_added") or data.get("tags_removed"):
                removed, added = (line(", ".join(data.get(name) or [])) for name in ("tags_removed", "tags_added"))
                rows.append(
                    {**origin, "field": "tags", "from": removed and f"− {removed}", "to": added and f"+ {added}"}
                )
    return rows


def _conversation(event: Event) -> list[Turn]:
    data = event.data
    if data["kind"] == "message":
        by = line(data.get("agent_name")) if data.get("author") == "agent" else ""
        status = DELIVERY_WORDS.get(data.get("delivery") or "", "")
        detail = joined(_channel(data), by, status, line(data.get("sentiment")), cost_words(data))
        return [TranscriptMessage(event.time, _side(data), data.get("body") or "(no text)", detail)]
    mark, words = _MARKS[data["kind"]]
    if data["kind"] == "task" and data.get("author") == "contact":
        words = ASKED
    if data["kind"] in ("opted_out", "opted_in"):
        words = f"{words} {OPTED_OUT_OF[channel_of(data) if data.get('channel') else EVERY]}"
    return [TranscriptEvent(event.time, mark, joined(*dict.fromkeys((words, *_details(data), cost_words(data)))))]


def _details(data: dict[str, Any]) -> Iterable[str]:
    seconds = data.get("duration_seconds")
    yield words_or_nothing(data.get("stage"), "stage")
    yield words_or_nothing(data.get("stall_type"), "stall_type")
    yield duration(seconds) if seconds else ""
    yield line(data.get("sentiment"))
    yield line(data.get("summary"))
    yield line(data.get("body"))


SCORES = {"frs_score": "able to act", "pcs_score": "ready to act"}


def score_words(name: str, score: float) -> str:
    """Write how able or ready to act a seller is: "able to act 44 of 100"."""
    return f"{SCORES[name]} {number(score)} of 100"


def _qualification(event: Event) -> list[Turn]:
    data = event.data
    scores = [score_words(name, data[name]) for name in SCORES if data.get(name) is not None]
    words = joined(
        f"{data['questions_answered']} of {len(QUESTIONS)} answered",
        SIGNS[data["seller_temperature"]],
        f"effectiveness {number(data['confrontational_effectiveness'])}",
        *scores,
        f"next: {line(data['next_step'])}" if data["next_step"] else "",
    )
    scored: list[Turn] = [TranscriptEvent(event.time, "score", words)]
    if data["stall_detected"]:
        stalled = joined(
            f"on question {data['current_question'] + 1}", words_or_nothing(data.get("stall_type"), "stall_type")
        )
        scored.append(TranscriptEvent(event.time, "stall", stalled))
    return scored


def _intent(event: Event) -> list[Turn]:
    data = event.data
    sure = f"{portion(data['confidence_score'])} sure"
    words = joined(value_words(data["intent_category"]), value_words(data["urgency_level"]), sure)
    return [TranscriptEvent(event.time, "intent", words)]


def _side(data: dict[str, Any]) -> Side:
    author: Side | None = data.get("author")
    return author or ("contact" if data.get("direction") == "inbound" else "bot")


def _channel(data: dict[str, Any]) -> str:
    channel: str = data.get("channel") or ""
    return "SMS" if channel == "sms" else channel


def _value(field: str, value: Any) -> str:
    if value is None:
        return "(none)"
    if field == "phone" and isinstance(value, str):
        return written(value)
    return line(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))


_MARKS: dict[str, tuple[Mark, str]] = {
    "stage_changed": ("stage", "moved to"),
    "stall_detected": ("stall", "in the conversation"),
    "handoff": ("hand-off", "to a person"),
    "call_started": ("call", "started"),
    "call_ended": ("call", "ended"),
    "call_analyzed": ("call", "analyzed"),
    "appointment_booked": ("appointment", "booked"),
    "opted_out": ("opt-out", "opted out of"),
    "opted_in": ("opt-in", "opted in again to"),
    "task": ("task", ""),
    "note": ("note", ""),
}
_KINDS: dict[str, Callable[[Event], list[Turn]]] = {
    "conversation_event": _conversation,
    "jorge_qualification_progress": _qualification,
    "intent_analysis_complete": _intent,
}
