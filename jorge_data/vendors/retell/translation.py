"""Translation of Retell's three webhooks, each by itself: they come in any order, and a start may be missing."""

import hashlib
from collections.abc import Callable
from datetime import datetime
from typing import Any

from jorge_data.vendors.base import Json
from jorge_data.vendors.retell.call import Call

SOURCE = "retell"
BOT = "lead-bot"
CALLS = ("call_started", "call_ended", "call_analyzed")
"""The types that are translated; others (transcripts, transfers, chats) are stored and counted."""

FindContact = Callable[[str], str | None]
"""Returns the id of the contact with an E.164 number, None where no stored contact has it."""

MAX_TEXT = 4000
MAX_NAME = 128
_SENTIMENTS = {"Negative": "negative", "Neutral": "neutral", "Positive": "positive"}


def call_events(body: Json, received: datetime, find_contact: FindContact) -> list[Json]:
    """Return the events of one webhook, with ids that are the same in every translation; none for other types.

    Raise ValueError, naming the field, where the body has no call.
    """
    kind, call = body["event"], call_of(body)
    if kind not in CALLS:
        return []
    if call.id is None:
        raise ValueError("call.call_id is missing: every call has one")
    events = _CallEvents(call, kind, received, contact_of(call, find_contact))
    match kind:
        case "call_started":
            return [events.status("active"), events.conversation()]
        case "call_ended":
            return events.ended()
    return [events.conversation(**_analysis(call))]


def call_of(body: Json) -> Call:
    """Return the call of a webhook; one without any field where it has none."""
    fields = body.get("call")
    return Call(fields if isinstance(fields, dict) else {})


def contact_of(call: Call, find_contact: FindContact) -> str:
    """Return the contact of a call: the named one, else that with the phone number, else the number or call as id."""
    if call.contact_id:
        return call.contact_id
    if call.phone:
        return find_contact(call.phone) or f"phone:{call.phone}"
    return _name(f"call:{call.id}")


class _CallEvents:
    """The events of one webhook of one call."""

    def __init__(self, call: Call, kind: str, received: datetime, contact: str) -> None:
        self.call, self.kind, self.contact = call, kind, contact
        happened = call.moment("start_timestamp" if kind == "call_started" else "end_timestamp")
        # An analysis comes some time after the call, and Retell's clock may run ahead of ours.
        self.time = received if happened is None or kind == "call_analyzed" else min(happened, received)

    def ended(self) -> list[Json]:
        step = [self._step()] if self.call.is_step else []
        status = self.status("error" if self.call.agent_failed else "completed", error_message=self._agent_error())
        duration = self.call.duration_s
        return [*step, status, self.conversation(duration_seconds=duration, disconnection_reason=self.call.reason)]

    def status(self, status: str, **data: Any) -> Json:
        step = f"day_{self.call.day}_call" if self.call.is_step else "inbound_call"
        data |= {"bot_type": BOT, "status": status, "contact_id": self.contact, "current_step": step}
        return self._event("bot_status_update", **data)

    def conversation(self, **data: Any) -> Json:
        data |= {"conversation_id": _name(str(self.call.id)), "contact_id": self.contact, "kind": self.kind}
        return self._event("conversation_event", channel="call", direction=self.call.direction, author="bot", **data)

    def _step(self) -> Json:
        call = self.call
        return self._event(
            "lead_bot_sequence_update",
            contact_id=self.contact,
            sequence_day=call.day,
            action_type="call_completed",
            success=call.connected,
            retell_call_duration_seconds=call.duration_s,
            failure_reason=None if call.connected else call.reason or "not connected",
            call_id=_name(str(call.id)),
        )

    def _agent_error(self) -> str | None:
        return (self.call.reason or "error") if self.call.agent_failed else None

    def _event(self, type_: str, **data: Any) -> Json:
        return {
            "id": _name(f"{self.call.id}:{self.kind}:{type_}"),
            "source": SOURCE,
            "type": type_,
            "time": self.time.isoformat(),
            "data": {name: value for name, value in data.items() if value is not None},
        }


def _analysis(call: Call) -> Json:
    analysis = call.analysis
    summary, sentiment = analysis.get("call_summary"), analysis.get("user_sentiment")
    facts = {
        name: analysis[name] for name in ("call_successful", "in_voicemail") if isinstance(analysis.get(name), bool)
    }
    return {
        "summary": summary[:MAX_TEXT] if isinstance(summary, str) and summary else None,
        "sentiment": _SENTIMENTS.get(sentiment) if isinstance(sentiment, str) else None,
        "duration_seconds": call.duration_s,
        **facts,
    }


def _name(text: str) -> str:
    """Return a name of at most 128 characters; a longer text is cut and ends with its hash, so that it stays unique."""
    return text if len(text) <= MAX_NAME else f"{text[:60]}~{hashlib.sha256(text.encode()).hexdigest()[:32]}"
