"""The audit log: who did what, from where and when; it only grows, and each entry carries the hash of all before it."""

from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Literal, NamedTuple, Protocol

import orjson

ActName = Literal[
    "session.begin",
    "session.refuse",
    "session.limit",
    "session.end",
    "user.add",
    "user.grants",
    "user.disable",
    "user.enable",
    "user.reset",
    "user.password",
    "key.rotate",
    "token.make",
    "token.revoke",
    "request.refuse",
    "needs.act",
    "label.set",
    "chart.annotate",
    "contact.change",
    "contact.erase",
    "contact.erased",
    "contact.export",
    "fields.remove",
    "transcript.open",
    "location.read",
    "export.download",
    "view.share",
    "view.remove",
    "audit.export",
    "audit.break",
    "location.remove",
    "crm.synchronize",
    "deliveries.retranslate",
    "rollups.rebuild",
    "retention.run",
    "epoch.begin",
    "store.restore",
    "store.move",
]

LONGEST_WHAT, LONGEST_STATE = 1024, 4096
"""Most characters of `what`, and of `before` or `after` as JSON: an entry is small, whatever it is about."""

GENESIS = "0" * 64
"""What stands for the hash before the first entry."""

COLUMNS = ("id", "at", "by", "role", "address", "session", "location", "act", "what", "before", "after")
"""What an entry's hash is of, in this order; `at` in microseconds, `before` and `after` as they are stored."""


class AuditedAction(NamedTuple):
    """Who did what, when, from where, and to what: a token's id, a location, a contact.

    `before` and `after` are what it changed, as JSON, without a contact's personal fields: the log is for ever.
    With `before="last"` it is what the newest entry of the same act on the same thing left. `once_in`: it is not
    written where the same person has done the same within this time.
    """

    at: datetime
    by: str
    act: ActName
    what: str
    role: str = ""
    address: str = ""
    session: str = ""
    location: str = ""
    before: Mapping[str, Any] | Literal["last"] | None = None
    after: Mapping[str, Any] | None = None
    once_in: timedelta | None = None


class Verification(NamedTuple):
    """How many entries the chain has, the hash of the last, and its first fault, None without one."""

    entries: int
    head: str
    fault: str | None


class AuditEntry(NamedTuple):
    """An act in the log; `id` is its number in the order of acts, `hash` is of it and of all before it."""

    id: int
    act: AuditedAction
    hash: str

    def as_json(self) -> dict[str, Any]:
        """Return the entry as the API answers it."""
        act = self.act._asdict()
        del act["once_in"]
        return {"id": self.id, **act, "hash": self.hash}


class AuditFilter(NamedTuple):
    """Which entries are asked for: all that are None are of any."""

    by: str | None = None
    acts: tuple[str, ...] = ()
    location: str | None = None
    start: datetime | None = None
    end: datetime | None = None
    text: str | None = None


EVERY = AuditFilter()


class Audit(Protocol):
    """Keeps every act for ever; any thread may call; what returns a future is durable when done."""

    def record(self, act: AuditedAction) -> Future[None]:
        """Write an act. Raise StoreBusy where too much waits."""

    def newest(self, before: int | None, limit: int, wanted: AuditFilter = EVERY) -> list[AuditEntry]:
        """Return the newest acts, or those before an entry's id, newest first."""

    def after(self, entry: int, limit: int, wanted: AuditFilter = EVERY) -> list[AuditEntry]:
        """Return the acts after an entry's id, oldest first."""

    def latest(self, since: datetime, acts: Sequence[ActName]) -> list[AuditEntry]:
        """Return which of the newest LATEST entries are of these acts and not older, oldest first."""

    def names(self, location: str | None = None) -> list[str]:
        """Return everybody who is in the log, or who did something at a location."""

    def verify(self, known: tuple[int, str] | None = None) -> Verification:
        """Verify the whole chain, up to the entry last acknowledged, and an entry's hash that is `known` elsewhere."""


def chained(previous: str, row: tuple[Any, ...]) -> str:
    """Return the hash of an entry: SHA-256 of the hash before it and of its COLUMNS as one JSON array."""
    return sha256(previous.encode() + orjson.dumps(row)).hexdigest()
