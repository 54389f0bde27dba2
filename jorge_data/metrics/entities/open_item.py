"""What of a contact waits for a person, however long already, and what people dealt with.

A message by a bot after opting out; hot and untouched; a callback; an unanswered reply; a stall; an overdue step; a
call without an outcome; what was sent and did not arrive.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from copy import copy
from operator import itemgetter
from typing import Any, Literal, NamedTuple, TypeVar

from jorge_data.events.message_status import has_failed_at
from jorge_data.events.timestamps import HOUR, MINUTE
from jorge_data.metrics.entities.attention import Act, ItemStatus
from jorge_data.metrics.entities.contact import Callback, Contact, ContactMessage, MessageRecord, SequenceStep
from jorge_data.metrics.entities.cube import SCALE, Fact
from jorge_data.metrics.entities.opt_out import out_runs
from jorge_data.metrics.entities.seller import hot_since, stalled_since
from jorge_data.metrics.entities.sequence import open_promises
from jorge_data.metrics.entities.status_run import NEVER, Moment

OUTCOME_WITHIN = 10 * MINUTE
"""How long a call that has ended may be without an outcome."""

REPLY_WITHIN = 10 * MINUTE
"""How long a contact's message may be unanswered: a bot mostly answers at once."""

STEP_WITHIN = 15 * MINUTE
"""How late a step may be that is promised for a time of day; one that is promised for a day has that day."""

MOST_WAITED = 10
"""Of so many newest acts of a contact that closed an item it is told how long that had waited.

Each is one more look at all that is kept of the contact, at each of its events: of 400 acts it took 0.4 s an event.
"""

SENDS, CALLS = ("sms_sent", "email_sent"), ("call_completed",)

ContactItem = Literal["optout", "hot", "callback", "reply", "stall", "overdue", "call", "send"]

R = TypeVar("R", bound=tuple[Any, ...])

_moment_of = itemgetter(0, 1)


class OpenItem(NamedTuple):
    """Something that is open since a moment, happened `again` last, and is shown from a third on (microseconds)."""

    kind: ContactItem
    since: int
    again: int
    shown_from: int = 0


def open_items(contact: Contact) -> Iterator[OpenItem]:
    """Return what is open with a contact, whatever people did about it."""
    touched = contact.touched
    if breaches := contact.breaches:
        yield OpenItem("optout", breaches[0].send.at, breaches[-1].send.at)
    if (hot := hot_since(contact)) > touched:
        yield OpenItem("hot", hot[0], hot[0])
    if asked := callbacks(contact):
        yield OpenItem("callback", asked[0].at, asked[-1].at)
    if unanswered := unanswered_messages(contact):
        yield OpenItem("reply", unanswered[0].at, unanswered[-1].at, unanswered[0].at + REPLY_WITHIN)
    if (stalled := _stalled_since(contact)) > touched:
        yield OpenItem("stall", stalled[0], stalled[0])
    if promised := overdue_steps(contact):
        yield OpenItem("overdue", promised[0].due or 0, promised[-1].due or 0, _late_from(promised[0]))
    if (failed := failing(contact, CALLS)) and failed[-1][:2] > touched:
        yield OpenItem("call", failed[0].at, failed[-1].at)
    elif not failed and (ended := _awaits_outcome_since(contact)) > touched:
        yield OpenItem("call", ended[0], ended[0], ended[0] + OUTCOME_WITHIN)
    if lost := sorted([*(step.at for step in failing(contact, SENDS)), *(told.at for told in undelivered(contact))]):
        yield OpenItem("send", lost[0], lost[-1])


def standing_items(contact: Contact) -> Iterator[tuple[OpenItem, ItemStatus]]:
    """Return each open item that nobody has dealt with, and how it stands.

    What waits for a call is one item: who is hot or asked to be called, and wrote, is not told twice. A wrong number
    ends an item where there is no other way to the contact.
    """
    calls_for_one = False
    for item in open_items(contact):
        status = contact.acts.status(item.kind, item.since, item.again, item.shown_from, contact.wrote)
        if status is None or (item.kind == "reply" and calls_for_one) or _is_out_of_reach(contact, item):
            continue
        calls_for_one |= item.kind in ("hot", "callback")
        yield item, status._replace(owner=status.owner or contact.details.get("owner"))


def open_item_facts(contact: Contact) -> Iterator[Fact]:
    """Return a fact of each open item that nobody has dealt with, at the moment from which its clock runs."""
    for item, status in standing_items(contact):
        measures = ("again", item.again), ("shown_from", status.shown_from)
        yield Fact("open_item", status.since, (item.kind, status.owner), measures)


def dealt_with_facts(contact: Contact) -> Iterator[Fact]:
    """Return a fact of each act by which somebody dealt with an item or put it off.

    A wrong number deals with one where there is no other way to the contact. Of the newest that dealt with one it is
    told how long that had waited.
    """
    struck = "" if _is_reachable(contact) else "wrong_number"
    acts = [
        (kind, act)
        for kind, act in contact.acts.all()
        if act.closes or act.hides or (act.outcome and act.outcome == struck)
    ]
    newest = sorted((act for _, act in acts if not act.hides), reverse=True)[:MOST_WAITED]
    for kind, act in acts:
        waited = _waited(contact, kind, act) if act in newest else None
        measures = (("until", act.until), *(() if waited is None else (("waited_s", waited * SCALE // 10**6),)))
        yield Fact("dealt_with", act.at, (kind, act.by, act.action, act.outcome), measures)


def _waited(contact: Contact, kind: str, act: Act) -> int | None:
    """Return how long an item had been open when somebody acted on it (microseconds); None where it was not."""
    before = as_of(contact, act[:2])
    found = (status.since for item, status in standing_items(before) if item.kind == kind)
    since = next(found, None)
    return None if since is None or since > act.at else act.at - since


def as_of(contact: Contact, moment: Moment) -> Contact:
    """Return a contact as it stood before a moment, as far as its records reach back.

    Its number, what was deleted and what became of each message are those of now: of them there is no history, so that
    how long an item had waited may change when they do.
    """
    then = copy(contact)
    then.acts = contact.acts.before(moment)
    then.answers, then.steps, then.responses = (
        _before(contact.answers, moment),
        _before(contact.steps, moment),
        _before(contact.responses, moment),
    )
    then.touches, then.callbacks = _before(contact.touches, moment), _before(contact.callbacks, moment)
    then.consents, then.sends = _before(contact.consents, moment), _before(contact.sends, moment)
    then.messages = {name: each for name, each in contact.messages.items() if each[:2] < moment}
    for name in ("last_sent", "stall", "call_end", "call_outcome", "handoff"):
        record = getattr(contact, name)
        setattr(then, name, record if record is not None and record[:2] < moment else None)
    if contact.last_received is not None and contact.last_received[:2] > moment:
        then.last_received = next((each for each in reversed(then.responses) if each.inbound), None)
    return then


def _before(records: list[R], moment: Moment) -> list[R]:
    return records[: bisect_left(records, moment, key=_moment_of)]


def callbacks(contact: Contact) -> list[Callback]:
    """Return when the contact asked to be called back since an agent's last word or a handoff, oldest first."""
    handed_over = contact.handoff[:2] if contact.handoff else NEVER
    return [asked for asked in contact.callbacks if asked[:2] > max(contact.touched, handed_over)]


def unanswered_messages(contact: Contact) -> list[ContactMessage]:
    """Return the contact's messages since our last one, the oldest first; none where it waits for nothing."""
    last = contact.last_received
    if last is None or not contact.waiting:
        return []
    since = max(contact.answered, contact.touched)
    inbound = (message for message in contact.responses if message.inbound and since < message[:2] < last[:2])
    return [*(message for message in inbound if message.at > contact.cleared), last]


def overdue_steps(contact: Contact) -> list[SequenceStep]:
    """Return the steps whose promise is open, first the one due first; it may be due in future.

    Without those that were due when somebody dealt with what was overdue.
    """
    dealt_with = contact.acts.closed_at("overdue")
    steps = (step for step in open_promises(contact) if (step.due or 0) > dealt_with)
    return sorted(steps, key=lambda step: (step.due or 0, step.seq))


def failing(contact: Contact, actions: Sequence[str]) -> list[SequenceStep]:
    """Return the failed steps of these actions since the last one that succeeded, oldest first."""
    failed: list[SequenceStep] = []
    for step in reversed(contact.steps):
        if step.action in actions:
            if step.success:
                break
            failed.append(step)
    return failed[::-1]


def undelivered(contact: Contact) -> list[MessageRecord]:
    """Return our messages that reached nobody since the last one that did not fail or an agent's word, oldest first."""
    since = max(contact.answered, contact.touched)
    failed = (told for told in contact.messages.values() if told.outbound and has_failed_at(told.rank))
    return sorted(told for told in failed if told[:2] > since)


def may_be_mailed(contact: Contact) -> bool:
    """Return whether there is an address, and the contact wants mail."""
    runs = out_runs(contact.consent_history, "email")
    return bool(contact.details.get("email")) and all(run.ended for run in runs)


def may_be_called(contact: Contact) -> bool:
    """Return whether there is a number that nobody found to be another's, and the contact wants calls and texts."""
    return bool(contact.details.phone) and not contact.is_number_struck and not contact.is_off_the_phone


def _is_out_of_reach(contact: Contact, item: OpenItem) -> bool:
    """Return whether the newest that was done about an item is to find the number wrong, with no other way left."""
    acts = [act for act in contact.acts.standing(item.kind) if act.action != "noted"]
    if not acts or acts[-1].outcome != "wrong_number" or acts[-1].at < item.again:
        return False
    return not _is_reachable(contact)


def _is_reachable(contact: Contact) -> bool:
    """Return whether there is a way to the contact: by call and text, or by mail."""
    return may_be_called(contact) or may_be_mailed(contact)


def _late_from(step: SequenceStep) -> int:
    """Return from when a promised step is late: with its day where the promise names a day, else soon after."""
    assert step.due is not None, "a promise is of a moment"
    assert step.due_end is not None, "a promise is of a day"
    return step.due_end if step.due_end - step.due >= 23 * HOUR else step.due + STEP_WITHIN


def _stalled_since(contact: Contact) -> Moment:
    """Return since when a contact is stalled by its newest qualification, or by a stall in conversation after it."""
    qualified = contact.answers[-1][:2] if contact.answers else NEVER
    if (since := stalled_since(contact)) != NEVER:
        return since
    return contact.stall if contact.stall and contact.stall > qualified else NEVER


def _awaits_outcome_since(contact: Contact) -> Moment:
    """Return when the newest call ended that has no outcome, NEVER where it has one."""
    if contact.call_end is None or (contact.call_outcome and contact.call_outcome.at >= contact.call_end.at):
        return NEVER
    return contact.call_end
