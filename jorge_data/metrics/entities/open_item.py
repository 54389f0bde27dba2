"""What of a contact waits for a person.

A message by a bot after opting out, hot and untouched, a callback, a stall, a call without an outcome, a failed send.
"""

from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

from jorge_data.events.timestamps import MINUTE
from jorge_data.metrics.entities.contact import Callback, Contact, SequenceStep
from jorge_data.metrics.entities.cube import Fact
from jorge_data.metrics.entities.seller import hot_since, stalled_since
from jorge_data.metrics.entities.status_run import NEVER, Moment

OUTCOME_WITHIN = 10 * MINUTE
"""How long a call that has ended may be without an outcome."""

SENDS, CALLS = ("sms_sent", "email_sent"), ("call_completed",)

ContactItem = Literal["optout", "hot", "callback", "stall", "call", "send"]


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
    if (stalled := _stalled_since(contact)) > touched:
        yield OpenItem("stall", stalled[0], stalled[0])
    if (failed := failing(contact, CALLS)) and failed[-1][:2] > touched:
        yield OpenItem("call", failed[0].at, failed[-1].at)
    elif not failed and (ended := _awaits_outcome_since(contact)) > touched:
        yield OpenItem("call", ended[0], ended[0], ended[0] + OUTCOME_WITHIN)
    if failed := failing(contact, SENDS):
        yield OpenItem("send", failed[0].at, failed[-1].at)


def open_item_facts(contact: Contact) -> Iterator[Fact]:
    """Return a fact of each open item that nobody has acknowledged, at the moment from which its clock runs."""
    for item in open_items(contact):
        if status := contact.acts.status(item.kind, item.since, item.again, item.shown_from):
            measures = ("again", item.again), ("shown_from", status.shown_from)
            yield Fact("open_item", status.since, (item.kind, status.owner), measures)


def callbacks(contact: Contact) -> list[Callback]:
    """Return when the contact asked to be called back since an agent's last word or a handoff, oldest first."""
    handed_over = contact.handoff[:2] if contact.handoff else NEVER
    return [asked for asked in contact.callbacks if asked[:2] > max(contact.touched, handed_over)]


def failing(contact: Contact, actions: Sequence[str]) -> list[SequenceStep]:
    """Return the failed steps of these actions since the last one that succeeded, oldest first."""
    failed: list[SequenceStep] = []
    for step in reversed(contact.steps):
        if step.action in actions:
            if step.success:
                break
            failed.append(step)
    return failed[::-1]


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
