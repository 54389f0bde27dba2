"""Who waits for the office when somebody begins to watch: one of each sort, most of them of today.

What was there before has been dealt with, but for one who was forgotten a month ago.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from itertools import chain
from random import Random

from jorge_data.demo import script
from jorge_data.demo.events import LEAD, SELLER, contact_created, conversation, event_about, message, opted_out
from jorge_data.demo.people import Person, person
from jorge_data.demo.seller import HOT, Scenario, Seller
from jorge_data.demo.story import DAY, HOUR, MINUTE, Arrival, Json, RelativeDate, Story, begin_of, until
from jorge_data.demo.team import Agent, Desk, acted, agent_of, text

NOW = HOUR
"""The offset at which somebody begins to watch."""

_FORGOTTEN_DAYS = 31

Scenes = list[tuple[float, Json]]

_ANSWERS_ALL = HOT._replace(moods=(("eager",),) * 4, returns_in=None)
_ANSWERS_TWO = Scenario(0, (("eager",), ("eager",)), answers=(2,))


def arrivals(seed: int, zero: datetime, days: int) -> Iterator[Arrival]:
    """Yield their stories by when each begins, of so many days; the office deals with most of them after a while."""
    waiting: tuple[tuple[float, Callable[[Random, Person, Desk], Scenes], str], ...] = (
        (6 * MINUTE, _hot, "hot"),
        (41 * MINUTE, _wants_a_call, "reply"),
        (22 * MINUTE, _stalled, "stall"),
        (2 * HOUR + 5 * MINUTE, _texted_after_stop, "optout"),
        (3.6 * HOUR, _asks, "reply"),
        (28 * HOUR, _wonders, ""),
        (2.1 * HOUR, _not_reached, "send"),
        (27 * HOUR, _overdue, "step"),
        (_FORGOTTEN_DAYS * DAY, _forgotten, ""),
    )
    cast = [
        _arrival(Random(f"{seed}:cast:{number}"), zero, number, scene, (NOW - ago, item))
        for number, (ago, scene, item) in enumerate(waiting)
    ]
    return iter(sorted((each for each in cast if each.begin >= -days * DAY), key=begin_of))


def _arrival(
    rng: Random,
    zero: datetime,
    number: int,
    scene: Callable[[Random, Person, Desk], Scenes],
    ends: tuple[float, str],
) -> Arrival:
    somebody, (end, item) = person(rng), ends
    scenes = scene(rng, somebody, Desk(zero, NOW))
    begin = end - sum(gap for gap, _ in scenes)
    past = _without_steps(begin, scenes)
    # Nobody has acted by `NOW`, however long ago it was.
    return Arrival(begin, f"cast-{number}", chain(past, _care(rng, somebody, agent_of(rng), item, NOW - end)))


def _without_steps(begin: float, scenes: Sequence[tuple[float, Json]]) -> Story:
    waited, now = 0.0, begin
    for gap, event in scenes:
        waited, now = waited + gap, now + gap
        if now >= 0 or event["type"] != "bot_status_update":
            yield waited, event
            waited = 0.0


def _care(rng: Random, somebody: Person, agent: Agent, item: str, waited_s: float) -> Story:
    if not item:
        return
    soon = waited_s + rng.uniform(35, 150) * MINUTE
    if item in ("hot", "reply"):
        yield soon, text(rng, somebody, agent)
    elif item == "step":
        yield soon, _step(somebody, 7, "sms_sent", success=True)
    else:
        yield soon, acted(somebody, agent, item, "acknowledged")


def _hot(rng: Random, somebody: Person, desk: Desk) -> Scenes:
    story = Seller(rng, somebody, desk, _ANSWERS_ALL).story()
    return until(story, lambda event: event["data"].get("kind") == "handoff")


def _two_answers(rng: Random, somebody: Person, desk: Desk) -> Scenes:
    story = Seller(rng, somebody, desk, _ANSWERS_TWO).story()
    return until(story, lambda event: event["data"].get("questions_answered") == 2)


def _wants_a_call(rng: Random, somebody: Person, desk: Desk) -> Scenes:
    asked = conversation(somebody, "task", author="contact", channel="sms", summary=script.CALL_BACK)
    return [*_two_answers(rng, somebody, desk), (3 * MINUTE, asked)]


def _stalled(rng: Random, somebody: Person, desk: Desk) -> Scenes:
    scenes = _two_answers(rng, somebody, desk)
    progress = scenes[-1][1]
    stalled = {**progress["data"], "stall_detected": True, "stall_type": "thinking"}
    stalled["next_step"] = "Stall-breaker: thinking"
    return [
        *scenes,
        (4 * MINUTE, message(somebody, "contact", script.STALLS["thinking"][0])),
        (5.0, conversation(somebody, "stall_detected", SELLER, stall_type="thinking", stage="Q3")),
        (9.0, message(somebody, "bot", script.BREAKERS["thinking"], SELLER, stage="Q3")),
        (0.4, {**progress, "data": stalled}),
    ]


def _written_to(rng: Random, somebody: Person) -> Scenes:
    """Somebody came, and the bot wrote."""
    return [
        (0.2, contact_created(somebody, rng.choice(("website", "open house")), "Buyer-Lead")),
        (9 * MINUTE, message(somebody, "bot", somebody.fill(rng.choice(script.CHECK_INS)), LEAD)),
    ]


def _asks(rng: Random, somebody: Person, desk: Desk) -> Scenes:
    return [*_written_to(rng, somebody), (26 * MINUTE, message(somebody, "contact", script.NOT_FOR_A_BOT))]


def _wonders(rng: Random, somebody: Person, desk: Desk) -> Scenes:
    return [*_written_to(rng, somebody), (11 * MINUTE, message(somebody, "contact", script.WHO))]


def _forgotten(rng: Random, somebody: Person, desk: Desk) -> Scenes:
    return [*_written_to(rng, somebody), (2 * HOUR, message(somebody, "contact", script.AFTER_NEW_YEAR))]


def _step(somebody: Person, day: int, action: str, success: bool, due: RelativeDate | None = None) -> Json:
    reason = {} if success else {"failure_reason": script.NO_SMS[0]}
    data = {"sequence_day": day, "action_type": action, "success": success, "next_action_date": due, **reason}
    return event_about(somebody, LEAD, "lead_bot_sequence_update", **data)


def _texted_after_stop(rng: Random, somebody: Person, desk: Desk) -> Scenes:
    return [
        *_written_to(rng, somebody),
        (0.3, _step(somebody, 3, "sms_sent", success=True)),
        (70 * MINUTE, message(somebody, "contact", "STOP")),
        (0.5, opted_out(somebody)),
        (4 * MINUTE, message(somebody, "bot", somebody.fill(script.LAST_NUDGES[0]), LEAD)),
        (0.3, _step(somebody, 14, "sms_sent", success=True)),
    ]


def _not_reached(rng: Random, somebody: Person, desk: Desk) -> Scenes:
    created = (0.2, contact_created(somebody, "website", "Buyer-Lead"))
    return [created, (12 * MINUTE, _step(somebody, 3, "sms_sent", success=False))]


def _overdue(rng: Random, somebody: Person, desk: Desk) -> Scenes:
    """The day 7 call was promised for yesterday, and not made."""
    first = _step(somebody, 3, "sms_sent", success=True, due=RelativeDate(4 * DAY))
    seen = conversation(somebody, "stage_changed", LEAD, stage="nurture")
    return [*_written_to(rng, somebody), (0.3, first), (4 * DAY, seen)]
