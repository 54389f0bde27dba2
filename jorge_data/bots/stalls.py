"""Stalls: two detectors for bots that report none, one by the words of a contact and one by the behaviour.

The rules are those of the EnterpriseHub bots (their `stall_detector` and `bot_management`), with one difference:
phrases match whole words, because neither "reagents" nor "lateral" is a stall.
"""

import re
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import NamedTuple

from jorge_data.bots.conversation import Message, contact_texts, count_words

PHRASES: dict[str, tuple[str, ...]] = {
    "thinking": ("think", "thinking", "pondering", "consider", "considering", "decide", "deciding"),
    "get_back": ("get back", "later", "next week", "busy"),
    "zestimate": ("zestimate", "zillow", "online value", "estimate says"),
    "agent": ("agent", "agents", "realtor", "realtors", "broker", "brokers", "with someone"),
    "just_looking": ("just looking", "just browsing", "just curious"),
    "surface_objection": ("price is too low", "offer is too low", "neighbor sold for", "neighbour sold for"),
}
"""What a contact says when stalling; the first type that has a phrase in the message wins."""

VAGUE = ("maybe", "i guess", "idk", "not sure", "i don't know", "possibly", "perhaps")

_SILENCE = timedelta(hours=24)
_FULL_SILENCE = timedelta(hours=48)


class Stall(NamedTuple):
    """A detected stall: its type, and how sure the detection is, 0–1."""

    type: str
    score: float


def _any_of(phrases: Sequence[str]) -> re.Pattern[str]:
    alternatives = "|".join(re.escape(phrase).replace(r"\ ", r"\s+") for phrase in phrases)
    return re.compile(rf"\b(?:{alternatives})\b", re.IGNORECASE)


_PATTERNS = {stall: _any_of(phrases) for stall, phrases in PHRASES.items()}
_VAGUE = _any_of(VAGUE)


def by_words(text: str) -> str | None:
    """Return the type of stall whose phrases are in a contact's message, or None."""
    plain = text.replace("’", "'")
    return next((stall for stall, pattern in _PATTERNS.items() if pattern.search(plain)), None)


def by_behaviour(conversation: Sequence[Message], now: datetime) -> Stall | None:
    """Return the stall that a conversation shows: silence, else vague answers, repetition, or ever fewer words."""
    texts = contact_texts(conversation)
    return _silence(conversation, now) or next((stall for rule in _RULES if (stall := rule(texts))), None)


def _silence(conversation: Sequence[Message], now: datetime) -> Stall | None:
    elapsed = now - conversation[-1].at if conversation else timedelta(0)
    return Stall("timeout", min(1.0, elapsed / _FULL_SILENCE)) if elapsed > _SILENCE else None


def _vague_answers(texts: Sequence[str]) -> Stall | None:
    vague = sum(_is_vague(text) for text in texts[-3:])
    return Stall("vague_answers", vague / 3) if vague >= 2 else None


def _is_vague(text: str) -> bool:
    return count_words(text) <= 2 or bool(_VAGUE.search(text.replace("’", "'")))


def _repetition(texts: Sequence[str]) -> Stall | None:
    last = {text.strip().casefold() for text in texts[-3:]}
    return Stall("repetition", 0.8) if len(texts) >= 3 and len(last) == 1 else None


def _disengagement(texts: Sequence[str]) -> Stall | None:
    words = [count_words(text) for text in texts[-4:]]
    shrinking = len(words) == 4 and all(fewer < more for more, fewer in pairwise(words))
    return Stall("disengagement", 0.6) if shrinking and words[-1] <= 2 else None


_RULES: tuple[Callable[[Sequence[str]], Stall | None], ...] = (_vague_answers, _repetition, _disengagement)
