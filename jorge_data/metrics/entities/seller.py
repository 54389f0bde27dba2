"""A seller: how far a contact came through Jorge's four questions, how hot it was, and where it stalled."""

from bisect import bisect_right
from collections.abc import Callable, Iterator

from jorge_data.metrics.entities.contact import Contact, QuestionAnswer
from jorge_data.metrics.entities.cube import Fact
from jorge_data.metrics.entities.status_run import NEVER, Moment

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


def touch_facts(contact: Contact) -> Iterator[Fact]:
    """Return how long each time that a contact turned hot waited for the first word or act of an agent."""
    previous, touches = "", contact.human_touches
    for answer in contact.answers:
        if answer.temperature == "hot" != previous:
            index = bisect_right(touches, answer[:2])
            if index < len(touches):
                waited = touches[index].at - answer.at
                yield Fact("human_touch", answer.at, ("done",), (("duration_s", waited),))
            else:
                yield Fact("human_touch", answer.at, ("open",))
        previous = answer.temperature


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
