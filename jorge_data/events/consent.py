"""Consent, by channel: who wants to hear no more, as an event says it or as a person writes it ("STOP")."""

import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple

Data = Mapping[str, Any]

CHANNELS = ("sms", "email", "call", "chat", "other")
"""What a person opts out of: one of these, or all. Voicemail is the telephone, so it goes with `call`."""

EVERY = ""
"""The channel of who opts out of every channel, or in to every one."""

MAX_WORDS = 60
"""Characters that are shown of how somebody opted out."""

_READ = 500
"""Characters of a message that are read: a mail may quote the whole conversation."""

_LONGEST = 200
"""Characters of a message beyond which it is no mere word; what a mail quotes below the answer is not counted."""

STOP_WORDS: dict[str | None, tuple[str, ...]] = {
    None: (
        *("stop", "stop it", "stop all", "stopall", "end", "quit", "cancel", "revoke"),
        *("unsubscribe", "unsubscribe me", "unsubscribe all", "unsubscribe from all"),
        *("optout", "opt out", "opt me out", "optout all", "opt out all"),
        *("remove", "remove me", "remove me from your list", "remove me from this list"),
        *("take me off", "take me off your list", "take me off this list", "leave me alone"),
        *("no more", "no more messages", "stop messaging", "stop messaging me", "do not message me", "dont message me"),
        *("alto", "parar", "pare", "detener", "cancelar", "baja", "salir", "basta", "no mas", "no mas mensajes"),
    ),
    "sms": (
        *("stop text", "stop texts", "stop the texts", "stop sms", "stop texting", "stop texting me", "no more texts"),
        *("do not text", "do not text me", "dont text", "dont text me"),
    ),
    "call": (
        *("stop calls", "stop the calls", "stop calling", "stop calling me", "no more calls"),
        *("do not call", "do not call me", "dont call", "dont call me", "no me llame", "no me llames"),
    ),
    "email": ("stop emailing", "stop emailing me", "no more emails", "do not email me", "dont email me"),
    EVERY: (
        *("stop contacting", "stop contacting me", "do not contact", "do not contact me", "dont contact me"),
        *("do not contact me again", "never contact me again", "do not disturb"),
    ),
}
"""What a message says that says nothing else, by the channel that it names; None: that of the message itself."""

START_WORDS = frozenset(("start", "unstop", "subscribe", "resubscribe", "optin", "opt in", "opt me in", "empezar"))
"""Likewise, to hear from us again. `yes` is not one: it answers whatever was asked last."""

_REFUSAL = re.compile(
    r"(?:(?:do not|dont|never|no more|stop|quit|cease)(?: (?:all|the|any|sending|getting|receiving|with|me|us))*)"
    r" (?P<what>text\w*|sms|call\w*|phon\w*|ring\w*|e ?mail\w*|messag\w*|contact\w*)"
    r"(?: (?:me|us|to|this|my|our|the|number|phone|cell|here|again|anymore|any|more|ever|please|messages|texts))*"
    r"|(?:remove|delete|lose|erase|forget) (?:my|this|our) (?P<number>number|phone|phone number|name|info|information)"
    r"(?: from (?:your|this|the) (?:list|system|database|records))?"
    r"|(?:unsubscribe|remove|take) me (?:from|off)(?: (?:of|your|this|the|that|all|mailing|calling|lists?))+"
)
"""A refusal in plain words, and nothing beside it: what follows may only say who, where and for how long."""

_REFUSED_CHANNELS = (
    ("text", "sms"),
    ("sms", "sms"),
    ("call", "call"),
    ("phon", "call"),
    ("ring", "call"),
    ("e", "email"),
)

_COURTESIES = frozenset(("please", "pls", "plz", "now", "thanks", "thank you", "por favor", "gracias", "just", "ok"))
"""What may stand around the word; of two words, at its end."""

_STOPS = {words: channel for channel, listed in STOP_WORDS.items() for words in listed}
_WORD = re.compile(r"[^\W_]+")
_QUOTED = re.compile(
    r"^(?:>|--\s*$|_{5,}|-+ ?original message|on .{1,200} wrote:|el .{1,200} escribi|sent from |get outlook for )",
    re.IGNORECASE | re.MULTILINE,
)
_CONFIRMS = re.compile(
    r"unsubscrib|opt(?:ed|ing)?[ -]?out|removed? you|remov\w+ (?:you )?from (?:our|the|this|my) list"
    r"|you(?:'re| are| were|'ve been| have been) (?:now )?(?:removed|off|stopped)|off (?:our|the|my) list"
    r"|(?:won't|will not|will never|do not|no longer|no more|no further|never|stop) (?:(?:be|any|ever|more) ){0,2}"
    r"(?:hear|receiv|get |contact|messag|text|call|e-?mail|bother|reach)|no recibir|dad[oa] de baja|cancelad",
    re.IGNORECASE,
)
_LONGEST_CONFIRMATION = 320
"""Characters of two SMS: what says more does more than confirm."""


class Consent(NamedTuple):
    """That a contact opted out of a channel, of every one where it is EVERY, or in to it; `words` say how."""

    channel: str
    out: bool
    words: str
    written: bool = False
    """Whether these are the contact's own words."""


def channel_of(data: Data) -> str:
    """Return the channel of a message or a call; `other` where none is named."""
    return _CHANNEL.get(data.get("channel") or "", "other")


def consent_in(data: Data) -> Consent | None:
    """Return what a conversation event says of the contact's consent; None where it says nothing."""
    match data["kind"]:
        case "opted_out" | "opted_in" as kind:
            channel = channel_of(data) if data.get("channel") else EVERY
            return Consent(channel, kind == "opted_out", shortened(data.get("summary") or data.get("body")))
        case "message" if data.get("direction") == "inbound" and data.get("author") in (None, "contact"):
            return _written(data)
    return None


def written_consent(data: Data) -> dict[str, str] | None:
    """Return the fields of the event that tells by itself of a message that is a mere STOP or START; None for others.

    Who reads the log and knows no words needs it.
    """
    said = consent_in(data)
    if said is None or not said.written:
        return None
    told = {"kind": "opted_out" if said.out else "opted_in", "author": "contact", "summary": said.words}
    return told | ({"channel": said.channel} if said.channel else {})


def plain_consent(data: Data) -> str | None:
    """Return the words alone by which a contact opted out or in, without all that stands around them; None for others.

    A message of these words says the same of the consent.
    """
    said = consent_in(data)
    if said is None or not said.written:
        return None
    texts = (text for text in (data.get("body"), data.get("subject")) if isinstance(text, str))
    plain = (_said(text[:_READ]) for text in texts)
    return next(
        (each for each in plain if each and consent_in({**data, "body": each, "subject": None}) is not None), ""
    )


def confirms(text: str | None) -> bool:
    """Return whether a message tells somebody that he hears no more, which may be sent once after he asked for it."""
    return bool(text and len(text) <= _LONGEST_CONFIRMATION and _CONFIRMS.search(text.replace("’", "'")))


def shortened(text: str | None) -> str:
    """Return text as it is shown of an opting out: one line, at most MAX_WORDS characters."""
    words = " ".join((text or "")[: 4 * MAX_WORDS].split())
    return words if len(words) <= MAX_WORDS else f"{words[: MAX_WORDS - 1]}…"


def _written(data: Data) -> Consent | None:
    channel = channel_of(data)
    # A mail program's own "unsubscribe" writes it into the subject.
    given = (data.get("body"), data.get("subject") if channel == "email" else None)
    for text in filter(None, given):
        said = _said(text[:_READ]) if isinstance(text, str) else ""
        if said not in _STOPS and (refusal := _REFUSAL.fullmatch(said)):
            return Consent(_meant(_refused(refusal["what"]), channel), True, _as_written(text, said), True)
        if said in _STOPS:
            return Consent(_meant(_STOPS[said], channel), True, _as_written(text, said), True)
        if said in START_WORDS:
            return Consent(_meant(None, channel), False, _as_written(text, said), True)
    return None


def _refused(what: str | None) -> str | None:
    """Return the channel that a refusal names: every one for contact, the message's own where it names none."""
    if what is None or what.startswith("messag"):
        return None
    if what.startswith("contact"):
        return EVERY
    return next(channel for begin, channel in _REFUSED_CHANNELS if what.startswith(begin))


def _meant(named: str | None, channel: str) -> str:
    """Return the channel that is meant: what came by a way that we have no name for is said of every way."""
    if named is not None:
        return named
    return EVERY if channel == "other" else channel


@lru_cache(2048)  # a fold asks several times what a message says
def _said(text: str) -> str:
    """Return what a message says, in lower case without signs and courtesies; "" where it says more than a word."""
    if quoted := _QUOTED.search(text):
        text = text[: quoted.start()]
    text = text.strip()
    if not text or len(text) > _LONGEST:
        return ""
    plain = unicodedata.normalize("NFKD", text.replace("’", "'").replace("'", "")).casefold()
    words = _WORD.findall("".join(sign for sign in plain if not unicodedata.combining(sign)))
    while len(words) > 1 and words[0] in _COURTESIES:
        del words[0]
    while len(words) > 1 and (words[-1] in _COURTESIES or " ".join(words[-2:]) in _COURTESIES):
        del words[-1 if words[-1] in _COURTESIES else -2 :]
    return " ".join(words[:1] if len(set(words)) == 1 else words)


def _as_written(text: str, said: str) -> str:
    """Return the words as they are shown: a key word in capitals, as the telephone companies write it."""
    return said.upper() if " " not in said else f"“{shortened(text)}”"


_CHANNEL = {**{name: name for name in CHANNELS}, "voicemail": "call"}
