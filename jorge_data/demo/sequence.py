"""The 3-7-30 sequence: its days, its updates, and the leads that were in it before the demo day began."""

from collections.abc import Callable, Iterator
from random import Random
from typing import Any

from jorge_data.demo.crm import created
from jorge_data.demo.people import Person
from jorge_data.demo.steps import LEAD as BOT
from jorge_data.demo.story import DAY, HOUR, In, Json, Story, Timed, event

__all__ = ["BOT", "day_after", "reached", "roster"]

_DUE = 48  # leads whose next step falls within the next ten hours
_OVERDUE = 3


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


def roster(
    rng: Random, met: Iterator[Person], follow: Callable[[Random, Person, int], Story]
) -> tuple[list[Timed], list[tuple[float, Story]]]:
    """Return the steps that leads took on earlier days, and their stories from the step that is due."""
    past: list[Timed] = []
    waiting: list[tuple[float, Story]] = []
    for number in range(_DUE):
        person, day, due = next(met), rng.choices((7, 30), (3, 1))[0], rng.uniform(0.1, 10) * HOUR
        overdue = number < _OVERDUE
        past.extend(_earlier(person, day, due, DAY if overdue else 0.0))
        waiting.append((7 * HOUR + due if overdue else due, follow(rng, person, day)))
    return past, waiting


def _earlier(person: Person, day: int, due: float, late: float) -> Iterator[Timed]:
    """The step of day 3, and for day 30 the call of day 7, each with the date of the next."""
    steps = ((3, "sms_sent"), (7, "call_completed"))[: 1 if day == 7 else 2]
    days = (3, 7, 30)
    yield due - (day - 3) * DAY - late - HOUR, created(person, "website", ["Buyer-Lead"])
    for (taken, action), following in zip(steps, days[1:], strict=False):
        at = due - (day - taken) * DAY - late
        call = {"retell_call_duration_seconds": 92.0} if action == "call_completed" else {}
        yield at, reached(person, taken, action, True, next_action_date=In((following - taken) * DAY), **call)
