"""A sequence: what became of a contact in the 3-7-30 follow-up, and whether its promised steps came in time."""

from bisect import bisect_right
from collections.abc import Iterator
from itertools import pairwise

from jorge_data.metrics.entities.contact import Contact, ContactMessage, SequenceStep
from jorge_data.metrics.entities.cube import Fact

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
    yield from _dues(contact)


def outcome(contact: Contact) -> str:
    """Return what became of the sequence: the first that holds; a contact acts after its intake, the first step."""
    intake = contact.steps[0][:2]
    replied = next((said for said in reversed(contact.heard) if said.inbound), None)
    happened = ("appointment", contact.booked), ("opted_out", contact.opted_out), ("replied", replied)
    for name, act in happened:
        if act is not None and act[:2] > intake:
            return name
    finished = any(step.day == LAST_DAY and step.success for step in contact.steps)
    return "finished" if finished else "in_progress"


def open_due(contact: Contact) -> int | None:
    """Return the moment at which the newest step promises the next one, unless the contact was heard of since."""
    step = contact.steps[-1] if contact.steps else None
    return None if step is None or _settled(step, None, contact) is not None else step.due


def _dues(contact: Contact) -> Iterator[Fact]:
    for step, following in pairwise([*contact.steps, None]):
        if step is not None and step.due is not None and step.due_end is not None:
            state = _state(step.due_end, _settled(step, following, contact))
            yield Fact("sequence_due", step.due, (str(step.day), state))


def _settled(step: SequenceStep, following: SequenceStep | None, contact: Contact) -> int | None:
    """Return when the next step came, or something was heard of the contact, whichever was first."""
    place = bisect_right(contact.heard, step[:2], key=lambda said: said[:2])
    first: list[SequenceStep | ContactMessage] = [
        *contact.heard[place : place + 1],
        *([following] if following else []),
    ]
    return min((each.at for each in first), default=None)


def _state(due_end: int, settled: int | None) -> str:
    if settled is None:
        return "open"
    return "done" if settled < due_end else "late"
