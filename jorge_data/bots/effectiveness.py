"""Confrontational effectiveness: how far the direct questions bring a contact, 0–100.

The rule is that of the EnterpriseHub bots (their `bot_management`).
"""

from collections.abc import Sequence
from typing import NamedTuple

from jorge_data.bots.conversation import Message, count_words, said_by_contact

QUESTIONS = 5
"""The address, which is asked first, and the four questions."""

_COMPLETION, _ENGAGEMENT, _PROGRESSION, _LATENCY, _STALL = 0.35, 0.25, 0.25, 0.15, 0.30
_SLOW_S = 600.0
_LONG_WORDS = 5


class Effectiveness(NamedTuple):
    """The score and what it was made of: shares 0–1, the latency in seconds."""

    score: int
    completion: float
    engagement: float
    latency_s: float
    stall_score: float


def effectiveness(conversation: Sequence[Message], answered: int, stall_score: float = 0.0) -> Effectiveness:
    """Score a conversation in which `answered` of 5 questions are answered, the address among them.

    A contact who has said nothing was not reached: the score is 0. Completion counts twice, as in the bots' own rule,
    where it stands for progression too.
    """
    said = said_by_contact(conversation)
    completion = min(1.0, answered / QUESTIONS)
    if not said:
        return Effectiveness(0, completion, 0.0, 0.0, stall_score)
    engagement = sum(count_words(text) > _LONG_WORDS for text in said) / len(said)
    latency_s = (conversation[-1].at - conversation[0].at).total_seconds() / len(said)
    share = (
        (_COMPLETION + _PROGRESSION) * completion
        + _ENGAGEMENT * engagement
        + _LATENCY * (1 - min(1.0, latency_s / _SLOW_S))
        - _STALL * stall_score
    )
    # Rounded before it is cut: 0.56 is 0.5599… in binary, and would be a point less.
    score = int(round(100 * min(1.0, max(0.0, share)), 6))
    return Effectiveness(score, completion, engagement, latency_s, stall_score)
