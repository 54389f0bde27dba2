"""The call of day 7: scheduled, made by Retell, completed or missed, and analysed."""

from random import Random
from typing import Any

from jorge_data.demo.people import Person
from jorge_data.demo.script import CALL_SUMMARIES, NO_CALL
from jorge_data.demo.sequence import reached
from jorge_data.demo.story import DAY, MINUTE, In, Json, Story
from jorge_data.demo.talk import happened

_DAY = 7
_NEXT = In(23 * DAY)


def call(rng: Random, person: Person) -> Story:
    """Schedule the call and make it; one that is missed is made again, once."""
    yield 1.0, _scheduled(person, wait := rng.uniform(4, 25) * MINUTE)
    if rng.random() < 0.72:
        yield from _answered(rng, person, wait, "1")
        return
    again = rng.uniform(30, 120) * MINUTE
    yield from _missed(rng, person, wait, "1", In(again, "moment"))
    if rng.random() < 0.6:
        yield from _answered(rng, person, again, "2")
    else:
        yield from _missed(rng, person, again, "2", _NEXT)


def _scheduled(person: Person, wait: float) -> Json:
    return reached(person, _DAY, "call_scheduled", True, next_action_date=In(wait, "moment"))


def _answered(rng: Random, person: Person, wait: float, attempt: str) -> Story:
    name, lasted = f"call-{person.contact_id}-{attempt}", round(rng.triangular(25, 420, 110), 1)
    mood = rng.choices(tuple(CALL_SUMMARIES), (3, 5, 2))[0]
    yield wait, happened("retell", person, "call_started", channel="call", direction="outbound", author="bot")
    yield lasted, happened("retell", person, "call_ended", channel="call", duration_seconds=lasted)
    yield 1.0, _completed(person, True, _NEXT, call_id=name, retell_call_duration_seconds=lasted)
    summary = CALL_SUMMARIES[mood]
    analyzed = happened("retell", person, "call_analyzed", channel="call", sentiment=mood, summary=summary)
    yield rng.uniform(5, 12), analyzed


def _missed(rng: Random, person: Person, wait: float, attempt: str, following: In) -> Story:
    name, reason = f"call-{person.contact_id}-{attempt}", rng.choice(NO_CALL)
    yield wait, happened("retell", person, "call_started", channel="call", direction="outbound", author="bot")
    yield rng.uniform(8, 28), happened("retell", person, "call_ended", channel="call", duration_seconds=0.0)
    yield 1.0, _completed(person, False, following, call_id=name, failure_reason=reason)


def _completed(person: Person, success: bool, following: In, **data: Any) -> Json:
    return reached(person, _DAY, "call_completed", success, next_action_date=following, **data)
