"""Messages and calls: their text, author and channel; HTML mail as plain text."""

import re
from collections.abc import Iterator
from datetime import datetime
from html import unescape
from typing import Any

from jorge_data.vendors.base import Json

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

HUMAN_SOURCES = frozenset({"app"})
PROGRAM_SOURCES = frozenset({"api", "automation", "bulk_actions", "campaign", "public_api", "workflow"})
"""The `source` of an outbound message; one with a `userId` was sent by a person whatever its source."""


def message_events(body: Json, at: datetime) -> list[Json]:
    """Return the event of a message or a call; its `type`, not its `direction`, says whether it is inbound."""
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
    present = {name: value for name, value in data.items() if value not in (None, 0) or name == "contact_id"}
    return [{"type": "conversation_event", "time": at.isoformat(), "data": present}]


def conversation_of(body: Json) -> str:
    """Return the conversation's id; messages without one are one conversation of their contact."""
    given = body.get("conversationId")
    return given if isinstance(given, str) and given else f"contact:{body.get('contactId')}"


def _channel(body: Json) -> str:
    if "voicemail" in (_lower(body.get("status")), _lower(body.get("callStatus"))):
        return "voicemail"
    kind = body.get("messageType") or body.get("messageTypeString")
    word = kind.upper().removeprefix("TYPE_").replace(" ", "_") if isinstance(kind, str) else ""
    return CHANNELS.get(word, "other")


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
    return value if isinstance(value, int | float) and not isinstance(value, bool) and value >= 0 else None


def _cut(value: Any) -> str | None:
    return cut(value, 250) if isinstance(value, str) and value else None


def _lower(value: Any) -> str | None:
    return value.lower() if isinstance(value, str) else None
