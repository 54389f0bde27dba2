"""How far one log is folded, and who waits for it."""

from concurrent.futures import Future
from dataclasses import dataclass, field

from jorge_data.metrics.facts import Vocabulary

PATIENCE_S = 1.0
"""Longest that a few events wait for company before they are folded, where no question waits for them."""

CHUNK = 1000
"""Most events of one batch, and so of one transaction of the writer's: no publisher waits for a longer one."""


@dataclass
class Progress:
    """One log as the folding thread knows it; guarded by the lock of `Folding`."""

    epoch: str
    top: int
    folded: int = 0
    folded_at: float = 0.0  # monotonic
    rest_until: float = 0.0  # monotonic; lest folding take more than half of a busy processor
    blocked_until: float = 0.0  # monotonic; after a failure of the store
    failures: int = 0  # of the store, in a row
    stale: bool = False  # what was folded must be cleared first
    cleared: bool = False  # nothing of an earlier fold is left
    chunk: int = CHUNK  # less, while an event is sought that cannot be folded
    leaves_out: bool = False  # the next event, which cannot be folded
    vocabulary: Vocabulary | None = None  # None where it must be read from the store
    waiters: list[tuple[int, Future[None]]] = field(default_factory=list)

    @property
    def lag(self) -> int:
        return self.top - self.folded

    def due_at(self) -> float | None:
        """Return when this log wants the thread, None where there is nothing to do."""
        if not self.lag and not self.stale:
            return None
        if self.stale or any(not future.cancelled() for _, future in self.waiters):
            return self.blocked_until
        rested = max(self.rest_until, self.blocked_until)
        return rested if self.lag >= CHUNK else max(rested, self.folded_at + PATIENCE_S)

    def reach(self, position: int, now: float, rest_s: float) -> None:
        """Note that a batch was kept, and let those go on whose position is reached."""
        self.folded, self.folded_at, self.rest_until, self.failures = position, now, now + rest_s, 0
        reached = [future for wanted, future in self.waiters if wanted <= position]
        self.waiters = [(wanted, future) for wanted, future in self.waiters if wanted > position]
        for future in reached:
            if future.set_running_or_notify_cancel():
                future.set_result(None)

    def abandon(self, reason: Exception) -> None:
        """Tell those who wait that they wait in vain."""
        for _, future in self.waiters:
            if future.set_running_or_notify_cancel():
                future.set_exception(reason)
        self.waiters = []
