"""Who must not be contacted, by channel: what a contact's do-not-disturb settings and tags say, told as events."""

from collections.abc import Iterator
from datetime import datetime
from functools import lru_cache

from jorge_data.events.consent import CHANNELS, EVERY
from jorge_data.vendors.base import Json
from jorge_data.vendors.gohighlevel.message import cut
from jorge_data.vendors.gohighlevel.names import slug

MAX_SUMMARY = 250

DND = {
    **dict.fromkeys(("SMS", "RCS"), "sms"),
    "Email": "email",
    "Call": "call",
    **dict.fromkeys(("WhatsApp", "FB", "IG", "GMB", "Live_Chat"), "chat"),
    "All": EVERY,
}
"""The channels of `dndSettings`, and ours; a name that is not here blocks `other`, the channel of what has no name."""

BLOCKING = frozenset({"active", "permanent"})
"""The statuses of a channel that block it; `permanent` is what a STOP reply sets. `inactive` is the only other one."""

REFUSALS = (
    "no",
    "stop",
    "dont",
    "do_not",
    "dnd",
    "dnc",
    "optout",
    "opt_out",
    "opted_out",
    "unsubscribe",
    "unsubscribed",
)
STANDING = REFUSALS[4:]
"""Those that may stand behind what they refuse as well: `sms_opt_out`."""

REFUSED = {
    "sms": ("sms", "text", "texts", "texting"),
    "email": ("email", "emails", "e_mail", "e_mails", "mail"),
    "call": ("call", "calls", "calling", "voice"),
    "chat": ("whatsapp", "chat", "messenger"),
    EVERY: ("contact", "contacting", "message", "messages", "marketing", "all"),
}
"""What a tag refuses, by the channel that it blocks."""

ALONE = {
    "sms": ("stop", "stopped", "replied_stop", "sms_stop", "text_stop"),
    "email": ("unsubscribe", "unsubscribed", "spam_complaint", "email_complaint"),
    EVERY: ("dnc", "dnd", "optout", "opt_out", "opted_out", "do_not_disturb"),
}
"""Tags that say it by themselves."""

HAPPENED_NOT = ("no_contact", "no_contacting", "no_message", "no_messages", "no_all", "no_call", "no_chat")
"""No refusals: such tags are said of who could not be reached yet."""

TAGS: dict[str, str] = {
    **{
        tag: channel
        for channel, whats in REFUSED.items()
        for what in whats
        for refusal in REFUSALS
        if (tag := f"{refusal}_{what}") not in HAPPENED_NOT
    },
    **{f"{what}_{refusal}": channel for channel, whats in REFUSED.items() for what in whats for refusal in STANDING},
    **{tag: channel for channel, tags in ALONE.items() for tag in tags},
}
"""Tags as `tag_words` writes them, and the channel that each blocks: "Do-Not-Text" is `do_not_text`."""

MAX_TAG = 100
"""Characters of a tag that are read."""

_FILLERS = frozenset({"from", "of", "for", "the", "to", "by", "via", "list", "has"})
_DND = {name.casefold(): channel for name, channel in DND.items()}
_NAMES = {"sms": "SMS", "email": "e-mail", "call": "calls", "chat": "chat", "other": "other channels"}


@lru_cache(4096)
def tag_words(tag: str) -> str:
    """Return a tag's words in lower case, joined by underscores, without those that only bind: "Opted out of SMS"."""
    words = slug(tag.replace("'", "").replace("’", "")).split("_")
    return "_".join(word for word in words if word not in _FILLERS)


def blocks(contact: Json | None) -> dict[str, str]:
    """Return the channels by which a stored contact must not be contacted, each with how the CRM says so."""
    fields, found = (contact or {}).get("fields", {}), dict[str, str]()
    for tag in (contact or {}).get("tags", ()):
        channel = TAGS.get(tag_words(tag[:MAX_TAG]))
        if channel is not None:
            found |= dict.fromkeys(_each(channel), f"tag {tag}")
    settings = fields.get("dnd_settings")
    for name, status in settings.items() if isinstance(settings, dict) else ():
        if isinstance(status, str) and status.casefold() in BLOCKING:
            channels = _each(_DND.get(name.casefold(), "other"))
            found |= {each: f"do not disturb for {_NAMES[each]}" for each in channels}
    if str(fields.get("dnd")).casefold() == "true":
        found |= dict.fromkeys(CHANNELS, "do not disturb")
    return found


def told_as_blocked(contact: Json | None) -> list[str]:
    """Return the channels of which it was told that they are blocked; older copies told of `dnd` alone."""
    copy = contact or {}
    if "blocked" in copy:
        return list(copy["blocked"])
    return list(CHANNELS) if copy.get("fields", {}).get("dnd") is True else []


def consents(was: Json | None, now: Json) -> Iterator[Json]:
    """Yield what to tell of the consent of a contact: its channels that are blocked now and were not, and the reverse.

    All at once are told as one, without a channel.
    """
    told = told_as_blocked(was)
    if told == now.get("blocked"):
        return
    blocked = blocks(now)
    newly = [channel for channel in CHANNELS if channel in blocked and channel not in told]
    freed = [channel for channel in CHANNELS if channel in told and channel not in blocked]
    before = blocks(was)
    for channel in [EVERY] if len(freed) == len(CHANNELS) else freed:
        how = before.get(channel or freed[0])
        yield _consent("opted_in", channel, f"{how} lifted" if how else None)
    for channel in [EVERY] if newly and len(blocked) == len(CHANNELS) else newly:
        yield _consent("opted_out", channel, blocked[channel or newly[0]])


def consent_event(contact: str, conversation: str, told: Json, at: datetime) -> Json:
    """Return the event of an opting out or in, in the conversation that the contact had last."""
    data = {"conversation_id": conversation, "contact_id": contact, **told}
    return {"type": "conversation_event", "time": at.isoformat(), "data": data}


def _each(channel: str) -> tuple[str, ...]:
    return CHANNELS if channel == EVERY else (channel,)


def _consent(kind: str, channel: str, summary: str | None) -> Json:
    told = {"channel": channel or None, "summary": summary and cut(summary, MAX_SUMMARY)}
    return {"kind": kind, **{name: value for name, value in told.items() if value}}
