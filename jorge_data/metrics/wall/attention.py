"""Attention: the facts that open and close what needs a human, and attempts to reach a contact."""

from collections.abc import Container
from typing import Any, NamedTuple

from jorge_data.events import Event
from jorge_data.events.timestamps import MINUTE


class ContactAttempt(NamedTuple):
    """A contact's newest success and failure; `since` is the first failure after the last success."""

    ok_at: int = 0
    failed_at: int = 0
    since: int = 0
    words: str = ""
    reason: str = ""

    @property
    def failing(self) -> bool:
        return self.failed_at > self.ok_at


class ContactAttempts:
    """Keep the attempts of each contact of the last 30 days; `failing` are the contacts whose last one failed."""

    def __init__(self) -> None:
        self.by_contact: dict[str, ContactAttempt] = {}
        self.failing: set[str] = set()

    def succeeded(self, contact: str, at: int) -> None:
        was = self.by_contact.get(contact, ContactAttempt())
        if at > was.ok_at:
            self._keep(contact, was._replace(ok_at=at))

    def failed(self, contact: str, at: int, words: str, reason: str) -> None:
        was = self.by_contact.get(contact, ContactAttempt())
        if at >= was.failed_at:
            since = was.since if was.failing else at
            self._keep(contact, ContactAttempt(was.ok_at, at, since, words, reason))

    def expire(self, contacts: Container[str]) -> None:
        """Forget contacts that are no longer known."""
        self.by_contact = {contact: attempt for contact, attempt in self.by_contact.items() if contact in contacts}
        self.failing &= self.by_contact.keys()

    def dump(self) -> dict[str, Any]:
        return {contact: list(attempt) for contact, attempt in self.by_contact.items()}

    def load(self, dump: dict[str, Any]) -> None:
        self.by_contact = {contact: ContactAttempt(*row) for contact, row in dump.items()}
        self.failing = {contact for contact, attempt in self.by_contact.items() if attempt.failing}

    def _keep(self, contact: str, attempt: ContactAttempt) -> None:
        self.by_contact[contact] = attempt
        (self.failing.add if attempt.failing else self.failing.discard)(contact)


OUTCOME_WITHIN = 10 * MINUTE
CHANNELS = {"sms_sent": "SMS", "email_sent": "email", "call_scheduled": "call", "call_completed": "call"}


class Touch(NamedTuple):
    """When each thing that decides whether a person must act last happened to a contact, 0 for never."""

    agent: int = 0
    stalled: int = 0
    call_ended: int = 0
    call_outcome: int = 0

    @property
    def awaits_outcome(self) -> bool:
        return self.call_ended > self.call_outcome

    @property
    def needs_attention(self) -> bool:
        """Return whether a person may have to act: no agent spoke since a stall, or since a call without outcome."""
        return self.stalled > self.agent or (self.awaits_outcome and self.call_ended > self.agent)


class Attention:
    """Keep when people, stalls and calls touched a contact, and which sends and calls fail.

    `candidates` are the contacts whose touch needs attention, so that open items are not searched among all contacts.
    """

    def __init__(self) -> None:
        self.sends = ContactAttempts()
        self.calls = ContactAttempts()
        self.touches: dict[str, Touch] = {}
        self.candidates: set[str] = set()

    def apply(self, event: Event, at: int) -> None:
        if event.type == "conversation_event":
            self._converse(event.data, at)
        else:
            self._step(event.data, at)

    def touch(self, contact: str) -> Touch:
        """Return what touched the contact last."""
        return self.touches.get(contact) or Touch()

    def expire(self, at: int, contacts: Container[str]) -> None:
        """Forget contacts that are no longer known."""
        self.touches = {contact: touch for contact, touch in self.touches.items() if contact in contacts}
        self.candidates &= self.touches.keys()
        self.sends.expire(contacts)
        self.calls.expire(contacts)

    def dump(self) -> dict[str, Any]:
        touches = {contact: list(touch) for contact, touch in self.touches.items()}
        return {"touches": touches, "sends": self.sends.dump(), "calls": self.calls.dump()}

    def load(self, dump: dict[str, Any]) -> None:
        self.touches = {contact: Touch(*row) for contact, row in dump["touches"].items()}
        self.candidates = {contact for contact, touch in self.touches.items() if touch.needs_attention}
        self.sends.load(dump["sends"])
        self.calls.load(dump["calls"])

    def _converse(self, data: dict[str, Any], at: int) -> None:
        contact, kind = data["contact_id"], data["kind"]
        was = touch = self.touch(contact)
        if data.get("author") == "agent" and at > was.agent:
            touch = touch._replace(agent=at)
        if kind == "stall_detected" and at > was.stalled:
            touch = touch._replace(stalled=at)
        elif kind == "call_ended" and at > was.call_ended:
            touch = touch._replace(call_ended=at)
        elif kind == "call_analyzed" and at > was.call_outcome:
            touch = touch._replace(call_outcome=at)
        if touch is not was:
            self._keep(contact, touch)

    def _step(self, data: dict[str, Any], at: int) -> None:
        contact, action = data["contact_id"], data["action_type"]
        if action == "call_scheduled":
            return
        is_call = action == "call_completed"
        attempts = self.calls if is_call else self.sends
        if data["success"]:
            attempts.succeeded(contact, at)
        else:
            words = f"Day {data['sequence_day']} {CHANNELS[action]}"
            attempts.failed(contact, at, words, data.get("failure_reason") or "")
        touch = self.touch(contact)
        if is_call and at > touch.call_outcome:
            self._keep(contact, touch._replace(call_outcome=at))

    def _keep(self, contact: str, touch: Touch) -> None:
        self.touches[contact] = touch
        (self.candidates.add if touch.needs_attention else self.candidates.discard)(contact)
