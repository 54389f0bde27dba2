"""Messages and calls: their text, author and channel; HTML mail as plain text."""

import re
from collections.abc import Iterator
from datetime import datetime
from html import unescape
from typing import Any

from jorge_data.events.numbers import read_whole
from jorge_data.events.validation import is_name
from jorge_data.vendors.base import Json
from jorge_data.vendors.gohighlevel.names import slug

MAX_TEXT = 4000

_NAME = re.compile(r"/?([a-zA-Z][a-zA-Z0-9:-]*)|[!?/]")
_HIDDEN = {name: re.compile(f"</{name}\\b", re.IGNORECASE) for name in ("head", "script", "style", "template", "title")}
_BLOCKS = re.compile(
    r"address|article|aside|blockquote|br|d[dlt]|div|footer|form|h[1-6r]|header|li|main|nav|[ou]l|p|pre|section|table|tr"
)
_CELLS = re.compile(r"t[dh]")
_BLANKS = re.compile(r"[^\S\n]+")
_LINES = re.compile(r" ?\n ?")
_GAPS = re.compile(r"\n{3,}")


def from_html(markup: str) -> str:
    """Return the text of an HTML mail, a line for each block, without tags and hidden elements."""
    text = "".join(_read(markup))
    return _GAPS.sub("\n\n", _LINES.sub("\n", _BLANKS.sub(" ", text))).strip()


def cut(text: str, length: int = MAX_TEXT) -> str:
    """Return text of at most `length` characters; where it was cut, it ends with a note of its length."""
    if len(text) <= length:
        return text
    note = f" … [cut: {len(text):,} characters]"
    return text[: length - len(note)] + note


def _read(markup: str) -> Iterator[str]:
    """Yield the visible text, piece by piece; a comment or hidden element that never ends hides all that follows."""
    position = 0
    while (start := markup.find("<", position)) >= 0:
        yield _words(markup[position:start])
        name = _NAME.match(markup, start + 1)
        if name is None:  # a sign, not a tag
            yield "<"
            position = start + 1
            continue
        end = _end(markup, start, (name[1] or "").lower())
        if end is None:
            return
        yield _space(name[1] or "")
        position = end
    yield _words(markup[position:])


def _end(markup: str, start: int, name: str) -> int | None:
    """Return the position after the tag, comment or hidden element at `start`; None where it never ends."""
    if markup.startswith("<!--", start):
        closing = markup.find("-->", start + 4)
        return closing + 3 if closing >= 0 else None
    closing = markup.find(">", start)
    if closing < 0:
        return None
    if name in _HIDDEN and markup[start + 1] != "/":
        ending = _HIDDEN[name].search(markup, closing + 1)
        return ending.start() if ending else None
    return closing + 1


def _words(text: str) -> str:
    return _BLANKS.sub(" ", unescape(text).replace("\n", " "))


def _space(name: str) -> str:
    """Return the white space that replaces a tag."""
    if _BLOCKS.fullmatch(name.lower()):
        return "\n"
    return " " if _CELLS.fullmatch(name.lower()) else ""


CHANNELS = {
    "SMS": "sms",
    "RCS": "sms",
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
"""`messageType` in upper case, without what says by whose means it went; any other is `other`."""

TYPE_NUMBERS = {
    **dict.fromkeys((2, 4, 6, 7, 14, 20, 22), "SMS"),
    **dict.fromkeys((3, 9, 21, 23), "EMAIL"),
    **dict.fromkeys((1, 8, 13, 24), "CALL"),
    10: "VOICEMAIL",
    **dict.fromkeys((5, 11, 12, 15, 16, 18, 19, 29, 30), "WEBCHAT"),
}
"""A workflow gives the type of a message as a number: that of the API's list of message types."""

HUMAN_SOURCES = frozenset({"app"})
PROGRAM_SOURCES = frozenset({"api", "automation", "bulk_actions", "campaign", "public_api", "workflow"})
"""The `source` of an outbound message; one with a `userId` was sent by a person whatever its source."""

DELIVERIES = {
    **dict.fromkeys(("pending", "scheduled", "queued", "accepted", "sending"), "queued"),
    "sent": "sent",
    **dict.fromkeys(("delivered", "success", "successful"), "delivered"),
    **dict.fromkeys(("read", "opened", "clicked", "seen"), "read"),
    **dict.fromkeys(("failed", "error", "rejected", "dropped"), "failed"),
    **dict.fromkeys(("undelivered", "undeliverable", "expired", "blocked"), "undelivered"),
    **dict.fromkeys(("bounced", "bounce", "hard_bounce", "soft_bounce", "complained"), "bounced"),
}
"""The `status` of an outbound message, and what it says of its delivery; another one says nothing of it."""

CALL_DELIVERIES = {
    **dict.fromkeys(("completed", "answered", "connected", "in_progress"), "delivered"),
    **dict.fromkeys(("no_answer", "busy", "canceled", "cancelled", "failed", "missed", "rejected"), "undelivered"),
}
"""The `callStatus` of an outbound call: it reached somebody, or it did not; a voicemail is a channel of its own."""

MAX_MESSAGE_ID = 90
"""Leaves room within the 128 characters of an event's id for the message's status."""


def message_events(body: Json, conversation: str, users: Json, at: datetime) -> list[Json]:
    """Return the event of a message or a call; its `type`, not its `direction`, says whether it is inbound.

    `users` has the names of the office's people by their ids. The event of a message with an id is named by that id and
    its status: told by another webhook, another app or a workflow it is the same event.
    """
    inbound = body.get("type") == "InboundMessage"
    channel = _channel(body)
    delivery = None if inbound else delivery_of(body, channel)
    data: Json = {
        "conversation_id": conversation,
        "contact_id": body.get("contactId"),
        "kind": _kind(body, channel, inbound),
        "direction": "inbound" if inbound else "outbound",
        "author": "contact" if inbound else _author(body),
        "channel": channel,
        "body": _body(body, channel),
        "duration_seconds": _seconds(body.get("callDuration")),
        "subject": _cut(body.get("subject")),
        "call_status": _cut(body.get("callStatus")),
        "message_id": message_id_of(body),
        "delivery": delivery,
        "attachments": len(body["attachments"]) if isinstance(body.get("attachments"), list) else 0,
        **({} if inbound else agent_of(body.get("userId"), users)),
    }
    present = {name: value for name, value in data.items() if value not in (None, 0) or name == "contact_id"}
    return [{"id": _event_id(data), "type": "conversation_event", "time": at.isoformat(), "data": present}]


def conversation_of(body: Json) -> str | None:
    """Return the conversation's id, None where a message has none."""
    given = body.get("conversationId")
    return given if is_name(given) else None


def message_id_of(body: Json) -> str | None:
    """Return the vendor's name of a message, None where it has none."""
    given = body.get("messageId")
    return given if is_name(given) else None


def agent_of(user: Any, users: Json) -> Json:
    """Return who of the office's people did something: `agent_id`, and `agent_name` where it is known."""
    if not is_name(user):
        return {}
    name = users.get(user)
    return {"agent_id": user, **({"agent_name": name} if name else {})}


def delivery_of(body: Json, channel: str) -> str | None:
    """Return what an outbound message's status says of its delivery; None where it says nothing."""
    status, call_status = slug(str(body.get("status") or "")), slug(str(body.get("callStatus") or ""))
    if channel == "call":
        return CALL_DELIVERIES.get(call_status) or CALL_DELIVERIES.get(status)
    return None if channel == "voicemail" else DELIVERIES.get(status)


def _event_id(data: Json) -> str | None:
    """Return the name of a message's event, None where the delivery has to name it."""
    message = data["message_id"]
    if message is None or len(message) > MAX_MESSAGE_ID:
        return None
    status = data["delivery"] or slug(data["call_status"] or "")[:16]
    return f"message:{message}:{status}" if status else f"message:{message}"


def _channel(body: Json) -> str:
    if "voicemail" in (_lower(body.get("status")), _lower(body.get("callStatus"))):
        return "voicemail"
    kind = body.get("messageType") or body.get("messageTypeString") or body.get("messageTypeId")
    number = read_whole(str(kind)) if isinstance(kind, int | str) else None
    word = TYPE_NUMBERS.get(number, "") if number is not None else kind.upper() if isinstance(kind, str) else ""
    return CHANNELS.get(_AROUND.sub("", word.replace(" ", "_")), "other")


_AROUND = re.compile("^TYPE_|CAMPAIGN_|CUSTOM_|PROVIDER_|MANUAL_|IVR_|_(REVIEW|NO_SHOW)_REQUEST$|_INFO_MESSAGE$")


def _kind(body: Json, channel: str, inbound: bool) -> str:
    """Return `call_ended` for calls, but `message` for an inbound voicemail, which waits for an answer."""
    left_a_message = channel == "voicemail" and inbound
    return "call_ended" if channel in ("call", "voicemail") and not left_a_message else "message"


def _author(body: Json) -> str | None:
    source = _lower(body.get("source"))
    if body.get("userId") or source in HUMAN_SOURCES:
        return "agent"
    return "bot" if source in PROGRAM_SOURCES else None


def _body(body: Json, channel: str) -> str | None:
    text = body.get("body")
    if not isinstance(text, str) or not text:
        return None
    is_html = channel == "email" or _lower(body.get("contentType")) == "text/html"
    return cut(from_html(text) if is_html else text) or None


def _seconds(value: Any) -> float | None:
    """Return a duration in seconds, also where it is text: `75`, `1:15` or `00:01:15`."""
    if isinstance(value, str) and _CLOCK.fullmatch(value.strip()):
        seconds = 0.0
        for part in value.strip().split(":"):
            seconds = 60 * seconds + float(part)
        return seconds
    return value if isinstance(value, int | float) and not isinstance(value, bool) and value >= 0 else None


_CLOCK = re.compile(r"(?:\d{1,3}:){0,2}\d{1,6}(?:\.\d{1,6})?")


def _cut(value: Any) -> str | None:
    return cut(value, 250) if isinstance(value, str) and value else None


def _lower(value: Any) -> str | None:
    return value.lower() if isinstance(value, str) else None
