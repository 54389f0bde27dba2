"""Messages and calls: what was said, by whom, on which channel."""

from datetime import datetime
from typing import Any

from jorge_data.crm.ghl.plain_text import cut, from_html
from jorge_data.crm.vendor import Json

CHANNELS = {
    "SMS": "sms",
    "EMAIL": "email",
    "CALL": "call",
    "VOICEMAIL": "voicemail",
    "LIVE_CHAT": "chat",
    "WEBCHAT": "chat",
    "FB": "chat",
    "FACEBOOK": "chat",
    "IG": "chat",
    "INSTAGRAM": "chat",
    "WHATSAPP": "chat",
    "GMB": "chat",
}
"""`messageType` without its `TYPE_`, in upper case; any other is `other`."""

PEOPLE = frozenset({"app"})
PROGRAMS = frozenset({"api", "automation", "bulk_actions", "campaign", "public_api", "workflow"})
"""Where an outbound message was sent from; where a user is named, a person sent it whatever this says."""


def message_events(body: Json, at: datetime) -> list[Json]:
    """Return the event of a message or a call; its `type`, not its `direction`, says who sent it."""
    inbound = body.get("type") == "InboundMessage"
    channel = _channel(body)
    data: Json = {
        "conversation_id": conversation_of(body),
        "contact_id": body.get("contactId"),
        "kind": _kind(body, channel, inbound),
        "direction": "inbound" if inbound else "outbound",
        "author": "contact" if inbound else _author(body),
        "channel": channel,
        "body": _body(body, channel),
        "duration_seconds": _seconds(body.get("callDuration")),
        "subject": _cut(body.get("subject")),
        "call_status": _cut(body.get("callStatus")),
        "message_id": _cut(body.get("messageId")),
        "attachments": len(body["attachments"]) if isinstance(body.get("attachments"), list) else 0,
    }
    told = {name: value for name, value in data.items() if value not in (None, 0) or name == "contact_id"}
    return [{"type": "conversation_event", "time": at.isoformat(), "data": told}]


def conversation_of(body: Json) -> str:
    """Return the conversation's id; a contact without one has one conversation of its own."""
    given = body.get("conversationId")
    return given if isinstance(given, str) and given else f"contact:{body.get('contactId')}"


def _channel(body: Json) -> str:
    if "voicemail" in (_lower(body.get("status")), _lower(body.get("callStatus"))):
        return "voicemail"
    kind = body.get("messageType") or body.get("messageTypeString")
    word = kind.upper().removeprefix("TYPE_").replace(" ", "_") if isinstance(kind, str) else ""
    return CHANNELS.get(word, "other")


def _kind(body: Json, channel: str, inbound: bool) -> str:
    """Return `call_ended` for calls; what a caller spoke onto the machine is a message that waits for an answer."""
    left_a_message = channel == "voicemail" and inbound
    return "call_ended" if channel in ("call", "voicemail") and not left_a_message else "message"


def _author(body: Json) -> str | None:
    source = _lower(body.get("source"))
    if body.get("userId") or source in PEOPLE:
        return "agent"
    return "bot" if source in PROGRAMS else None


def _body(body: Json, channel: str) -> str | None:
    text = body.get("body")
    if not isinstance(text, str) or not text:
        return None
    is_html = channel == "email" or _lower(body.get("contentType")) == "text/html"
    return cut(from_html(text) if is_html else text) or None


def _seconds(value: Any) -> float | None:
    return value if isinstance(value, int | float) and not isinstance(value, bool) and value >= 0 else None


def _cut(value: Any) -> str | None:
    return cut(value, 250) if isinstance(value, str) and value else None


def _lower(value: Any) -> str | None:
    return value.lower() if isinstance(value, str) else None
