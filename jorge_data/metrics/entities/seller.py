"""A seller: how far a contact came through Jorge's four questions, how hot it was, and where it stalled."""

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

from jorge_data.events.timestamps import HOUR, MINUTE, moment
from jorge_data.metrics.entities.contact import Contact, PersonTouch, QuestionAnswer
from jorge_data.metrics.entities.cube import Fact
from jorge_data.metrics.entities.event_facts import text
from jorge_data.metrics.entities.status_run import NEVER, Moment
from jorge_data.metrics.office_hours import DAYS
from jorge_data.metrics.rules import Rules

QUESTIONS = ("Q1", "Q2", "Q3", "Q4")


def seller_facts(contact: Contact) -> Iterator[Fact]:
    """Return the facts of a contact's qualification, none where there was none."""
    answers = contact.answers
    if not answers:
        return
    milestones = _milestones(answers)
    hot = next((answer.at for answer in answers if answer.temperature == "hot"), None)
    dims = str(len(milestones) - 1), answers[-1].temperature, "no" if hot is None else "yes"
    yield Fact("seller_cohort", answers[0].at, dims)
    for question, entered, done in zip(QUESTIONS, milestones, [*milestones[1:], None], strict=False):
        yield _step(question, entered, done)
    yield _step("hot", answers[0].at, hot)
    yield from _stalls(answers)
    yield from _moves(answers)
    yield Fact("seller_newest", answers[-1].at, ())


def touch_facts(contact: Contact, rules: Rules) -> Iterator[Fact]:
    """Return how long each time that a contact turned hot waited until a person tried to reach it, and was heard.

    Who turns hot again before a person was heard waits still, and is not counted again. `heard` is out where the
    contact opted out of calls or texts before that: nobody may call, and it is waited for no more.
    """
    previous = ""
    waits_until: int | None = NEVER[0]
    attempts = contact.attempts
    for answer in contact.answers:
        if answer.temperature == "hot" != previous and waits_until is not None and answer.at >= waits_until:
            later = attempts[bisect_right(attempts, answer[:2]) :]
            wait = _wait(contact, answer, later)
            waits_until = wait.ends
            yield _touch_fact(contact, answer.at, later, wait, rules)
        previous = answer.temperature


class _Wait(NamedTuple):
    """How the wait for a person ended, when (None: not yet), and whose the contact was then."""

    state: Literal["heard", "waiting", "out"]
    ends: int | None
    agent: str


def _wait(contact: Contact, hot: QuestionAnswer, later: Sequence[PersonTouch]) -> _Wait:
    heard = min((touch for touch in later if touch.heard_since), key=_heard_first, default=None)
    out = _out_from(contact, hot[:2])
    if heard is not None:
        at = max(heard.heard_since, hot.at)
        if out is None or at <= out:  # who is not interested opts out as she is heard
            return _Wait("heard", at, contact.owner_at(at) or heard.agent)
    return _Wait("waiting" if out is None else "out", out, contact.owner_at())


def _out_from(contact: Contact, since: Moment) -> int | None:
    """Return from when nobody may call or text the contact, at a moment or later; None where somebody always may."""
    runs = (run for run in contact.phone_runs if run.ended is None or run.ended[:2] > since)
    return min((max(run.began.at, since[0]) for run in runs), default=None)


def _heard_first(touch: PersonTouch) -> tuple[int, int]:
    return touch.heard_since, touch.seq


WITHIN = (("5m", 5 * MINUTE), ("15m", 15 * MINUTE), ("1h", HOUR))
"""In which of these times a person was heard, the shortest that holds; else "later"."""


def _touch_fact(contact: Contact, hot: int, later: Sequence[PersonTouch], wait: _Wait, rules: Rules) -> Fact:
    waited = None if wait.ends is None else wait.ends - hot
    tried = min((touch.at for touch in later[:1]), default=None)
    if tried is not None and wait.state == "heard" and wait.ends is not None:
        tried = min(tried, wait.ends)  # a call was tried when it began
    within = ""
    if wait.state == "heard" and waited is not None:
        within = next((name for name, longest in WITHIN if waited <= longest), "later")
    named = (touch.agent_name for touch in later if touch.agent == wait.agent and touch.agent_name)
    dims = (
        *("open" if tried is None else "done", wait.state, text(wait.agent), next(named, "")),
        *(text(contact.details.get("lead_source")), hour_of_week(hot, rules.zone)),
        *("yes" if rules.hours.are_open(hot, rules.zone) else "no", within),
    )
    measured = ("duration_s", None if tried is None else tried - hot), ("heard_s", waited)
    return Fact("human_touch", hot, dims, tuple((name, value) for name, value in measured if value is not None))


def hour_of_week(at: int, zone: ZoneInfo) -> str:
    """Return the hour of the office's week of a moment: "Mon 08"."""
    local = moment(at).astimezone(zone)
    return f"{DAYS[local.weekday()]} {local.hour:02}"


def hot_since(contact: Contact) -> Moment:
    """Return since when a contact is hot, NEVER where it is not."""
    return _since(contact, lambda answer: answer.temperature == "hot")


def stalled_since(contact: Contact) -> Moment:
    """Return since when a contact is stalled on its present question, NEVER where it is not.

    A stall on another question is a new stall: it asks for a human again.
    """
    question = contact.answers[-1].question if contact.answers else 0
    return _since(contact, lambda answer: answer.stalled and answer.question == question)


def _since(contact: Contact, holds: Callable[[QuestionAnswer], bool]) -> Moment:
    since = NEVER
    for answer in reversed(contact.answers):
        if not holds(answer):
            break
        since = answer[:2]
    return since


def _milestones(answers: list[QuestionAnswer]) -> list[int]:
    """Return at index k when k or more questions were first answered; index 0 is the first record."""
    milestones: list[int] = []
    for answer in answers:
        while len(milestones) <= answer.answered:
            milestones.append(answer.at)
    return milestones


def _step(step: str, entered: int, done: int | None) -> Fact:
    if done is None:
        return Fact("seller_step", entered, (step, "open"))
    return Fact("seller_step", entered, (step, "done"), (("duration_s", done - entered),))


def _stalls(answers: list[QuestionAnswer]) -> Iterator[Fact]:
    first: dict[int, QuestionAnswer] = {}
    stalled: dict[int, QuestionAnswer] = {}
    for answer in answers:
        first.setdefault(answer.question, answer)
        if answer.stalled:
            stalled.setdefault(answer.question, answer)
    for question, answer in first.items():
        stall = stalled.get(question)
        dims = ("yes", stall.stall_type) if stall else ("no", "")
        yield Fact("seller_stall", answer.at, (QUESTIONS[question], *dims))


def _moves(answers: list[QuestionAnswer]) -> Iterator[Fact]:
    previous = ""
    for answer in answers:
        if answer.temperature != previous:
            yield Fact("seller_move", answer.at, (previous, answer.temperature))
            previous = answer.temperature
