"""The server's readiness: each of its parts with its state, and whether events can be published."""

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal, Protocol

from jorge_data.events.timestamps import micros, rfc3339
from jorge_data.part_state import PartState

logger = logging.getLogger(__name__)

PartName = Literal[
    "store", "log", "archive", "rollups", "translation", "redis", "synchronization", "clock", "connections"
]
"""What the server is made of: commits, reads of events, archived days, and so on."""

NEEDED_TO_PUBLISH: frozenset[PartName] = frozenset({"store"})
"""The parts without which no event is acknowledged: where one of them has failed, the server is not ready."""


MOST_DETAILS = 20
"""Most details that are told of one part."""


class ReportPart(Protocol):
    """Sets the state of a part: `Readiness.report`, as the parts know it."""

    def __call__(self, name: PartName, state: PartState, why: str = "", details: Sequence[str] = ()) -> None: ...


@dataclass(frozen=True)
class Part:
    """One part's state, the reason in one sentence ("" while it is well), and since when it holds.

    `details` name offices and files: for who may see the event server's own figures.
    """

    name: PartName
    state: PartState
    why: str
    since: datetime
    details: tuple[str, ...] = ()

    def as_json(self, in_detail: bool = False) -> dict[str, Any]:
        """Return the part as `/health` has it."""
        told = {"state": self.state, "why": self.why or None, "since": rfc3339(micros(self.since))}
        if not in_detail or not self.details:
            return told
        more = len(self.details) - MOST_DETAILS
        return told | {"details": [*self.details[:MOST_DETAILS], *([f"and {more:,} more"] if more > 0 else [])]}


class Readiness:
    """Holds the state of every part that has reported; any thread reports, any thread reads.

    A change of state or reason is one line of the log; a report that changes nothing is none.
    """

    def __init__(self, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._clock = clock
        self._lock = threading.Lock()  # guards _parts
        self._parts: dict[PartName, Part] = {}

    def report(self, name: PartName, state: PartState, why: str = "", details: Sequence[str] = ()) -> None:
        """Set a part's state; `why` is told to anybody: no path, no office, no contact, no secret."""
        with self._lock:
            before = self._parts.get(name)
            since = before.since if before is not None and before.state == state else self._clock()
            self._parts[name] = Part(name, state, why, since, tuple(details))
        if before is not None and (before.state, before.why) == (state, why):
            return
        if state != "ok":
            logger.warning("%s is %s: %s", name, state, why)
        elif before is not None and before.state != "ok":
            logger.info("%s is well again", name)

    def parts(self) -> tuple[Part, ...]:
        """Return every part that has reported, by name."""
        with self._lock:
            return tuple(self._parts[name] for name in sorted(self._parts))

    @property
    def is_ready(self) -> bool:
        """Whether events can be published: all that this needs has reported, and has not failed."""
        states = {part.name: part.state for part in self.parts()}
        return all(states.get(name, "failed") != "failed" for name in NEEDED_TO_PUBLISH)

    @property
    def status(self) -> PartState:
        """The worst that holds: failed where events cannot be published, degraded where any part is not well."""
        if not self.is_ready:
            return "failed"
        return "ok" if all(part.state == "ok" for part in self.parts()) else "degraded"
