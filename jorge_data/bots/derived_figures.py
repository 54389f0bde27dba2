"""Figures that a bot does not report, derived from its conversation and marked as derived.

Confrontational effectiveness, 0–100, is how far the direct questions bring a contact; its rule is that of the
EnterpriseHub bots (their `bot_management`).
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal, NamedTuple

from jorge_data.bots.conversation import Message, contact_texts, count_words
from jorge_data.bots.stalls import by_behaviour, by_words

QUESTIONS = 5
"""The address, which is asked first, and the four questions."""

_COMPLETION, _ENGAGEMENT, _PROGRESSION, _LATENCY, _STALL = 0.35, 0.25, 0.25, 0.15, 0.30
_SLOW_S = 600.0
_LONG_WORDS = 5


def qualification(
    conversation: Sequence[Message],
    now: datetime,
    *,
    contact_id: str,
    answered: int,
    temperature: Literal["hot", "warm", "cold"],
    next_step: str,
) -> dict[str, Any]:
    """Return the data of a `jorge_qualification_progress`: `answered` of the four questions, the address not counted.

    `derived` is true in it: effectiveness and stall are computed here, not reported by the bot.
    """
    texts = contact_texts(conversation)
    behaviour = by_behaviour(conversation, now)
    stall_type = (by_words(texts[-1]) if texts else None) or (behaviour.type if behaviour else None)
    stall_score = behaviour.score if behaviour else 0.0
    return {
        "contact_id": contact_id,
        "current_question": min(answered, 3),
        "questions_answered": answered,
        "seller_temperature": temperature,
        "confrontational_effectiveness": effectiveness(conversation, answered + 1, stall_score).score,
        "stall_detected": stall_type is not None,
        "stall_type": stall_type,
        "next_step": next_step,
        "derived": True,
    }


class Effectiveness(NamedTuple):
    """The score and what it was made of: shares 0–1, the latency in seconds."""

    score: int
    completion: float
    engagement: float
    latency_s: float
    stall_score: float


def effectiveness(conversation: Sequence[Message], answered: int, stall_score: float = 0.0) -> Effectiveness:
    """Score a conversation in which `answered` of 5 questions are answered, the address among them.

    A contact who has written nothing was not reached: the score is 0. Completion counts twice, as in the bots' own
    rule, where it stands for progression too.
    """
    texts = contact_texts(conversation)
    completion = min(1.0, answered / QUESTIONS)
    if not texts:
        return Effectiveness(0, completion, 0.0, 0.0, stall_score)
    engagement = sum(count_words(text) > _LONG_WORDS for text in texts) / len(texts)
    latency_s = (conversation[-1].at - conversation[0].at).total_seconds() / len(texts)
    share = (
        (_COMPLETION + _PROGRESSION) * completion
        + _ENGAGEMENT * engagement
        + _LATENCY * (1 - min(1.0, latency_s / _SLOW_S))
        - _STALL * stall_score
    )
    # Rounded before it is cut: 0.56 is 0.5599… in binary, and would be a point less.
    score = int(round(100 * min(1.0, max(0.0, share)), 6))
    return Effectiveness(score, completion, engagement, latency_s, stall_score)
