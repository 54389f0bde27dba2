"""The 3-7-30 sequence: its days and its updates."""

from random import Random
from typing import Any

from jorge_data.demo.people import Person
from jorge_data.demo.steps import LEAD as BOT
from jorge_data.demo.story import Json, event

__all__ = ["BOT", "day_after", "reached"]


def reached(person: Person, day: int, action: str, success: bool, **data: Any) -> Json:
    return event(
        BOT,
        "lead_bot_sequence_update",
        contact_id=person.contact_id,
        sequence_day=day,
        action_type=action,
        success=success,
        **data,
    )


def day_after(rng: Random, day: int) -> int | None:
    """Return the sequence day after this one; half of the leads get the e-mail of day 14."""
    if day == 7:
        return 14 if rng.random() < 0.5 else 30
    return {3: 7, 14: 30}.get(day)
