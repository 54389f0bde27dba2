"""Attempts to reach a contact: whether the last one failed, and since when they fail."""

from collections.abc import Container
from typing import Any, NamedTuple


class Attempt(NamedTuple):
    """A contact's newest success and failure; `since` is the first failure after the last success."""

    ok_at: int = 0
    failed_at: int = 0
    since: int = 0
    words: str = ""
    reason: str = ""

    @property
    def failing(self) -> bool:
        return self.failed_at > self.ok_at


class Attempts:
    """Keep one Attempt for each contact of the last 30 days; `failing` are the contacts whose last one failed."""

    def __init__(self) -> None:
        self.by_contact: dict[str, Attempt] = {}
        self.failing: set[str] = set()

    def succeeded(self, contact: str, at: int) -> None:
        was = self.by_contact.get(contact, Attempt())
        if at > was.ok_at:
            self._keep(contact, was._replace(ok_at=at))

    def failed(self, contact: str, at: int, words: str, reason: str) -> None:
        was = self.by_contact.get(contact, Attempt())
        if at >= was.failed_at:
            since = was.since if was.failing else at
            self._keep(contact, Attempt(was.ok_at, at, since, words, reason))

    def expire(self, known: Container[str]) -> None:
        """Forget contacts that are no longer known."""
        self.by_contact = {contact: attempt for contact, attempt in self.by_contact.items() if contact in known}
        self.failing &= self.by_contact.keys()

    def dump(self) -> dict[str, Any]:
        return {contact: list(attempt) for contact, attempt in self.by_contact.items()}

    def load(self, dump: dict[str, Any]) -> None:
        self.by_contact = {contact: Attempt(*row) for contact, row in dump.items()}
        self.failing = {contact for contact, attempt in self.by_contact.items() if attempt.failing}

    def _keep(self, contact: str, attempt: Attempt) -> None:
        self.by_contact[contact] = attempt
        (self.failing.add if attempt.failing else self.failing.discard)(contact)
