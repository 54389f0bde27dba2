"""A sequence: what became of a contact in the 3-7-30 follow-up, and whether its promised steps came in time."""

from bisect import bisect_right
from collections.abc import Iterator
from itertools import pairwise

from jorge_data.events.timestamps import DAY
from jorge_data.metrics.entities.contact import Contact, ContactMessage, SequenceStep
from jorge_data.metrics.entities.cube import Fact
from jorge_data.metrics.entities.opt_out import ConsentRecord, OutRun, out_runs
from jorge_data.metrics.entities.status_run import Moment

LAST_DAY = 30

PLAN = {3: "sms", 7: "call", 14: "email", 30: "sms"}
"""By what the bot follows up on each day of the sequence."""


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
    return min((step.due for step in open_promises(contact) if step.due is not None), default=None)


def open_promises(contact: Contact) -> list[SequenceStep]:
    """Return the steps that promise a next one which has not come, the newest first."""
    return [step for step, settled in _promises(contact) if settled is None]


def _due_facts(contact: Contact) -> Iterator[Fact]:
    for step, settled in _promises(contact):
        if step.due is not None and step.due_end is not None:
            yield Fact("sequence_due", step.due, (str(step.day), _state(step.due_end, settled)))


def _promises(contact: Contact) -> Iterator[tuple[SequenceStep, int | None]]:
    """Return each step that promises the next one, the newest first, and when that promise was settled.

    What is promised by a channel that the contact had opted out of, and not in to again before its day ends, is none.
    """
    following: SequenceStep | None = None
    for step in reversed(contact.steps):
        if step.due is not None and step.due_end is not None:
            run = _out_at_the_end(contact, promised_channel(step), max((step.due_end, 0), step[:2]))
            if run is None or run.began[:2] > step[:2]:
                yield step, _settled(step, following, contact, run)
        if step.success:
            following = step


def promised_channel(step: SequenceStep) -> str:
    """Return the channel of the step that a step promises: of the day of the plan that is nearest to the promised day.

    A call that was scheduled promises itself. A step that failed may be tried again, by its own channel.
    """
    nearest = promised_day(step)
    return step.channel if nearest == step.day else PLAN[nearest]


def promised_day(step: SequenceStep) -> int:
    """Return the day of the plan whose step a step promises."""
    if step.action == "call_scheduled" or step.due is None:
        return step.day
    ahead = step.day + (step.due - step.at) / DAY
    days = [day for day in PLAN if day > step.day or (day == step.day and not step.success)]
    return min(days, key=lambda day: abs(day - ahead), default=step.day)


def _out_at_the_end(contact: Contact, channel: str, end: Moment) -> OutRun | None:
    """Return the time without consent for a channel in which the due day ends, else the next one after it."""
    consents = contact.consent_history
    runs = out_runs(consents, channel) if consents else []
    return next((run for run in runs if run.ended is None or run.ended[:2] > end), None)


def _settled(step: SequenceStep, following: SequenceStep | None, contact: Contact, run: OutRun | None) -> int | None:
    """Return when the next successful step came, the contact responded, or opted out of the channel of that step.

    The first of these; None without any.
    """
    index = bisect_right(contact.responses, step[:2], key=lambda message: message[:2])
    candidates: list[SequenceStep | ContactMessage | ConsentRecord] = [
        *contact.responses[index : index + 1],
        *([following] if following else []),
        *([run.began] if run else []),
    ]
    return min((record.at for record in candidates), default=None)


def _state(due_end: int, settled: int | None) -> str:
    if settled is None:
        return "open"
    return "done" if settled < due_end else "late"
