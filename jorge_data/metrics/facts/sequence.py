"""A sequence: what became of a contact in the 3-7-30 follow-up, and whether its promised steps came in time."""

from collections.abc import Iterator
from itertools import pairwise

from jorge_data.metrics.facts.contact import Contact, Step
from jorge_data.metrics.facts.fact import Fact

LAST_DAY = 30


def sequence_facts(contact: Contact) -> Iterator[Fact]:
    """Return the facts of a contact's sequence, none where there is none."""
    steps = contact.steps
    if not steps:
        return
    intake, ended = steps[0].at, outcome(contact)
    reached = max((step.day for step in steps if step.success), default=0)
    yield Fact("sequence_contact", intake, (str(reached), ended))
    stops = [f"day {day}" for day in sorted({step.day for step in steps})] + [ended]
    for stop, following in pairwise(stops):
        yield Fact("sequence_flow", intake, (stop, following))
    yield from _dues(steps)


def outcome(contact: Contact) -> str:
    """Return what became of the sequence: the first that holds; a contact acts after its intake, the first step."""
    intake = contact.steps[0][:2]
    happened = [
        ("appointment", contact.booked),
        ("opted_out", contact.opted_out),
        ("replied", contact.inbound[-1] if contact.inbound else None),
    ]
    for name, act in happened:
        if act is not None and act[:2] > intake:
            return name
    finished = any(step.day == LAST_DAY and step.success for step in contact.steps)
    return "finished" if finished else "in_progress"


def open_due(contact: Contact) -> int | None:
    """Return the moment at which the newest step promises the next one."""
    return contact.steps[-1].due if contact.steps else None


def _dues(steps: list[Step]) -> Iterator[Fact]:
    for step, following in pairwise([*steps, None]):
        if step is not None and step.due is not None and step.due_end is not None:
            yield Fact("sequence_due", step.due, (str(step.day), _state(step.due_end, following)))


def _state(due_end: int, following: Step | None) -> str:
    if following is None:
        return "open"
    return "done" if following.at < due_end else "late"
