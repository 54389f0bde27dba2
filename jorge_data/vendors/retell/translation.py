"""Translation of Retell's webhooks of calls, each by itself: they come in any order, and a start may be missing."""

import hashlib
from collections.abc import Callable
from datetime import datetime
from typing import Any, Literal

from jorge_data.vendors.base import Json
from jorge_data.vendors.retell.call import Call, flag

SOURCE = "retell"
BOT = "lead-bot"
CALLS = ("call_started", "call_ended", "call_analyzed")
"""The types that come once a call."""

TRANSFERS = ("transfer_bridged", "transfer_cancelled")
"""The types of a transfer that say whether a person has the call; of one call they may come more than once."""

_CHATS = "a chat: only calls are translated"
IGNORED = {
    "transcript_updated": "a transcript that is still growing: the call's end and its analysis are told",
    "transfer_started": "a transfer that has begun: it is told when it is bridged, or cancelled",
    "transfer_ended": "a person had the call: how the bot's part of it ended is told by call_ended",
    **dict.fromkeys(("chat_started", "chat_ended", "chat_analyzed"), _CHATS),
}
"""Why the types that the SDK knows besides are not translated."""

FindContact = Callable[[str], str | None]
"""Returns the id of the contact with an E.164 number, None where no stored contact has it."""

MAX_TEXT = 4000
MAX_NAME = 128
_SENTIMENTS = {"Negative": "negative", "Neutral": "neutral", "Positive": "positive"}


def why_ignored(body: Json) -> str | None:
    """Return why a webhook means nothing to us; None where it is translated."""
    kind = body["event"]
    if kind in (*CALLS, *TRANSFERS):
        return None
    return IGNORED.get(kind, "a type of webhook that is not known here")


def call_events(body: Json, received: datetime, find_contact: FindContact) -> list[Json]:
    """Return the events of one webhook, with ids that are the same in every translation; none for other types.

    Raise ValueError, naming the field, where the body has no call.
    """
    kind, call = body["event"], call_of(body)
    if kind not in (*CALLS, *TRANSFERS):
        return []
    if call.id is None:
        raise ValueError("call.call_id is missing: every call has one")
    events = _CallEvents(call, kind, received, contact_of(call, find_contact))
    match kind:
        case "call_started":
            return [*events.number(), events.status("active"), events.conversation()]
        case "call_ended":
            return events.ended()
        case "call_analyzed":
            return [events.conversation(**_analysis(call)), *events.consequences()]
        case "transfer_bridged":
            return [events.handoff(_destination(body.get("transfer_destination")))]
    return [events.about_call("note", "bot", summary="a transfer was cancelled: no person took the call")]


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
        self.ended_at = min(call.moment("end_timestamp") or received, received)  # Retell's clock may run ahead of ours
        if kind == "call_started":
            self.time = min(call.moment("start_timestamp") or received, received)
        else:  # an analysis comes some time after the call, and a transfer before its end
            self.time = self.ended_at if kind == "call_ended" else received

    def ended(self) -> list[Json]:
        """Return the step that the call was, the bot's status, that it ended and why, and what follows from that."""
        call = self.call
        step = [] if call.reached is None or not call.is_step else [self._step(call.reached)]
        status = self.status("error" if call.bot_error else "completed", error_message=call.bot_error)
        ended = self.conversation(
            duration_seconds=call.duration_s, disconnection_reason=call.reason, summary=call.end_words
        )
        return [*self.number(), *step, status, ended, *self.consequences()]

    def number(self) -> list[Json]:
        """Return by which number a contact is reached of whom the CRM knows nothing; the CRM tells those it knows."""
        if not self.contact.startswith("phone:"):
            return []
        number: dict[str, Any] = {"contact_id": self.contact, "changed": {}, "phone": self.call.phone}
        return [self._event("contact_update", "contact_update", **number)]

    def consequences(self) -> list[Json]:
        """Return what follows from how the call ended: the same by whichever webhook it is told."""
        end = self.call.end
        match end.meaning if end else None:
            case "handed over":
                return [self.handoff(_destination(self.call.fields.get("transfer_destination")), self.ended_at)]
            case "opted out":
                return [self.about_call("opted_out", "contact", self.ended_at, summary=self.call.end_words)]
            case "callback":
                return [self.about_call("task", "contact", self.ended_at, summary=self.call.end_words)]
        return []

    def handoff(self, destination: str, at: datetime | None = None) -> Json:
        """Return that a person has the call: the same event whichever webhook tells it first, and told once."""
        words = f"transferred to {destination}" if destination else self.call.end_words
        return self.about_call("handoff", "agent", at, summary=words)

    def status(self, status: str, **data: Any) -> Json:
        call = self.call
        step = f"day_{call.day}_call" if call.is_step else "web_call" if call.is_web else "inbound_call"
        data |= {"bot_type": BOT, "status": status, "contact_id": self.contact, "current_step": step}
        return self._event(f"{self.kind}:bot_status_update", "bot_status_update", **data)

    def conversation(self, **data: Any) -> Json:
        """Return the event of this webhook in the conversation."""
        channel = "voicemail" if self.call.in_voicemail else "call"
        data |= {"kind": self.kind, "channel": channel, "author": "bot"}
        return self._conversation_event(f"{self.kind}:conversation_event", **data)

    def about_call(
        self, kind: str, author: Literal["contact", "bot", "agent"], at: datetime | None = None, **data: Any
    ) -> Json:
        """Return an event that a call has once, of whichever webhook."""
        return self._conversation_event(kind, at, kind=kind, channel="call", author=author, **data)

    def _step(self, reached: bool) -> Json:
        call = self.call
        return self._event(
            f"{self.kind}:lead_bot_sequence_update",
            "lead_bot_sequence_update",
            contact_id=self.contact,
            sequence_day=call.day,
            action_type="call_completed",
            success=reached,
            retell_call_duration_seconds=call.duration_s,
            failure_reason=None if reached else call.failure_reason,
            failure_detail=None if reached else call.end_words,
            call_id=_name(str(call.id)),
        )

    def _conversation_event(self, name: str, at: datetime | None = None, **data: Any) -> Json:
        data |= {"conversation_id": _name(str(self.call.id)), "contact_id": self.contact}
        return self._event(name, "conversation_event", at, direction=self.call.direction, **data)

    def _event(self, name: str, type_: str, at: datetime | None = None, **data: Any) -> Json:
        return {
            "id": _name(f"{self.call.id}:{name}"),
            "source": SOURCE,
            "type": type_,
            "time": (at or self.time).isoformat(),
            "data": {name: value for name, value in data.items() if value is not None},
        }


def _destination(given: Any) -> str:
    """Return to whom a call was transferred: a number or an address, told alone or as an object; "" where not told."""
    if isinstance(given, dict):
        given = given.get("number")
    return given[:MAX_NAME] if isinstance(given, str) else ""


def _analysis(call: Call) -> Json:
    analysis = call.analysis
    summary, sentiment = analysis.get("call_summary"), analysis.get("user_sentiment")
    return {
        "summary": summary[:MAX_TEXT] if isinstance(summary, str) and summary else None,
        "sentiment": _SENTIMENTS.get(sentiment) if isinstance(sentiment, str) else None,
        "duration_seconds": call.duration_s,
        "cost_usd": call.cost_usd,  # here alone: a sum counts each call once
        **{name: flag(analysis, name) for name in ("call_successful", "in_voicemail")},
    }


def _name(text: str) -> str:
    """Return a name of at most 128 characters; a longer text is cut and ends with its hash, so that it stays unique."""
    return text if len(text) <= MAX_NAME else f"{text[:60]}~{hashlib.sha256(text.encode()).hexdigest()[:32]}"
