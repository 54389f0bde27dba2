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
    yield from _due_facts(contact)


def outcome(contact: Contact) -> str:
    """Return what became of the sequence: the first that holds. Acts count after the intake, the first step."""
    intake = contact.steps[0][:2]
    reply = next((message for message in reversed(contact.responses) if message.inbound), None)
    acts = ("appointment", contact.booking), ("opted_out", contact.opt_out), ("replied", reply)
    for name, act in acts:
        if act is not None and act[:2] > intake:
            return name
    finished = any(step.day == LAST_DAY and step.success for step in contact.steps)
    return "finished" if finished else "in_progress"


def open_due(contact: Contact) -> int | None:
    """Return the earliest moment for which a step is promised that has not come; None where no promise is open."""
    open_promises = (step.due for step, settled in _promises(contact) if settled is None and step.due is not None)
    return min(open_promises, default=None)


def _due_facts(contact: Contact) -> Iterator[Fact]:
    for step, settled in _promises(contact):
        if step.due is not None and step.due_end is not None:
            yield Fact("sequence_due", step.due, (str(step.day), _state(step.due_end, settled)))


def _promises(contact: Contact) -> Iterator[tuple[SequenceStep, int | None]]:
    """Return each step that promises the next one, the newest first, and when that promise was settled."""
    following: SequenceStep | None = None
    for step in reversed(contact.steps):
        if step.due is not None:
            yield step, _settled(step, following, contact)
        if step.success:
            following = step


def _settled(step: SequenceStep, following: SequenceStep | None, contact: Contact) -> int | None:
    """Return when the next successful step came or the contact responded, the first of both; None without either."""
    index = bisect_right(contact.responses, step[:2], key=lambda message: message[:2])
    candidates: list[SequenceStep | ContactMessage] = [
        *contact.responses[index : index + 1],
        *([following] if following else []),
    ]
    return min((record.at for record in candidates), default=None)


def _state(due_end: int, settled: int | None) -> str:
    if settled is None:
        return "open"
    return "done" if settled < due_end else "late"
