"""Figures that a bot does not report, derived from its conversation and marked as derived."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal

from jorge_data.bots.conversation import Message, said_by_contact
from jorge_data.bots.effectiveness import effectiveness
from jorge_data.bots.stalls import by_behaviour, by_words


def qualification(
    conversation: Sequence[Message],
    now: datetime,
    *,
    contact_id: str,
    answered: int,
    temperature: Literal["hot", "warm", "cold"],
    next_step: str,
) -> dict[str, Any]:
    """Return the data of a `jorge_qualification_progress`: `answered` of the four questions, the address being known.

    `derived` is true in it: effectiveness and stall are computed here, not reported by the bot.
    """
    said = said_by_contact(conversation)
    behaviour = by_behaviour(conversation, now)
    stall_type = (by_words(said[-1]) if said else None) or (behaviour.type if behaviour else None)
    return {
        "contact_id": contact_id,
        "current_question": min(answered, 3),
        "questions_answered": answered,
        "seller_temperature": temperature,
        "confrontational_effectiveness": effectiveness(
            conversation, answered + 1, behaviour.score if behaviour else 0.0
        ).score,
        "stall_detected": stall_type is not None,
        "stall_type": stall_type,
        "next_step": next_step,
        "derived": True,
    }
