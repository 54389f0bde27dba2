"""The rollup worker: one thread follows every log after its watermark, so that what a question costs does not grow."""

import asyncio
import logging
import threading
import time
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import NamedTuple

from jorge_data.backoff import Backoff
from jorge_data.errors import Behind, Invalid, StoreError, Unavailable
from jorge_data.events import decode
from jorge_data.metrics.entities import Rules, Vocabulary
from jorge_data.server.rollup.batch import prepare
from jorge_data.server.telemetry import Telemetry
from jorge_data.store import Bounds, Flush, LogView, Store

PATIENCE_S = 1.0
"""Longest that a few events wait for company before they are folded, where no question waits for them."""

CHUNK = 1000
"""Most events of one batch, and so of one transaction of the writer's: no publisher waits for a longer one."""


@dataclass
class FoldProgress:
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
    chunk: int = CHUNK  # less, while an event is event_filter that cannot be folded
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


logger = logging.getLogger(__name__)

WAIT_S = 5.0
"""Longest that a question waits for the fold; after it, it is told how far that is, before a dashboard gives it up."""

BACKOFF = Backoff(cap_s=10)
"""After the store could not be read or written."""


class Reached(NamedTuple):
    """How far a log is folded."""

    location: str
    epoch: str
    folded: int
    top: int


class RollupWorker:
    """Keeps the rollups of every log near its top; every method may be called from any thread."""

    def __init__(self, store: Store, rules: Rules, telemetry: Telemetry) -> None:
        self.rules = rules
        self._store = store
        self._telemetry = telemetry
        self._logs: dict[str, FoldProgress] = {}
        self._commits = 0
        self._closing = False
        # Guards the logs and what is known of each; notified when one wants the thread.
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._run, name="folding", daemon=True)
        telemetry.fold_lag.set_function(lambda: sum(log.lag for log in list(self._logs.values())))

    def start(self) -> None:
        """Begin with what was committed before this process."""
        for bounds in self._store.logs():
            self.committed(bounds)
        self._thread.start()

    def committed(self, bounds: Bounds) -> None:
        """Learn how far a log reaches; before the commit is acknowledged, so that no later question misses it."""
        with self._changed:
            self._commits += 1
            known = self._logs.get(bounds.location)
            if known is None or known.epoch != bounds.epoch:
                self._forget(bounds.location)
                self._logs[bounds.location] = FoldProgress(bounds.epoch, bounds.top)
            else:
                known.top = max(known.top, bounds.top)
            self._changed.notify()

    def forget(self, location: str, epoch: str) -> None:
        """Let go of a log that was dropped."""
        with self._changed:
            known = self._logs.get(location)
            if known is not None and known.epoch == epoch:
                self._forget(location)

    def rebuild(self, location: str) -> Reached:
        """Fold a log anew from its first event; until that is done, its questions are answered with 503.

        Raise Invalid where old events were deleted: what they counted could not be counted again.
        """
        with self._store.view(location) as view:
            if not view.whole:
                raise Invalid(
                    f"location is {location}: allowed is one whose old events were kept or archived, not deleted"
                )
        with self._changed:
            known = self._logs.get(location)
            if known is not None:
                known.stale, known.folded = True, 0
                self._changed.notify()
        return self.reached(location)

    def reached(self, location: str) -> Reached:
        """Return how far a log is folded."""
        with self._changed:
            known = self._logs.get(location, FoldProgress("", 0))
            return Reached(location, known.epoch, known.folded, known.top)

    async def all_folded(self, location: str, within_s: float = WAIT_S) -> Reached:
        """Return when everything that is committed now is folded; raise Behind that says how far it is."""
        waiter: Future[None] = Future()
        with self._changed:
            known = self._logs.get(location, FoldProgress("", 0))
            if not known.lag and not known.stale:
                return Reached(location, known.epoch, known.folded, known.top)
            wanted = known.top
            known.waiters.append((wanted, waiter))
            self._changed.notify()
        try:
            async with asyncio.timeout(within_s):
                await asyncio.wrap_future(waiter)
        except TimeoutError:
            raise self._behind(self.reached(location)) from None
        return Reached(location, known.epoch, wanted, wanted)

    def close(self) -> None:
        """Finish the batch under way, then end the thread."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        if self._thread.is_alive():
            self._thread.join()
        with self._changed:
            for location in list(self._logs):
                self._forget(location)

    @staticmethod
    def _behind(reached: Reached) -> Behind:
        so_far = f"{reached.folded:,} of {reached.top:,} events so far"
        told = f"the history of {reached.location} is being counted, {so_far}"
        return Behind(f"{told}: try again", retry_after_s=min(60, 2 + (reached.top - reached.folded) / 20_000))

    def _forget(self, location: str) -> None:
        known = self._logs.pop(location, None)
        if known is not None:
            known.abandon(Unavailable(f"the log of {location} was replaced, or the server ends", retry_after_s=1))

    def _run(self) -> None:
        while (wanting := self._next()) is not None:
            location, progress = wanting
            try:
                self._advance(location, progress)
            except Exception as error:
                self._retry(location, progress, error)

    def _retry(self, location: str, progress: FoldProgress, error: Exception) -> None:
        """Try again: later where the store failed, else with fewer events, until the one in the way stands alone.

        That one is left out, for the history of all others would stop for ever at it.
        """
        of_store = isinstance(error, StoreError)
        if of_store:
            logger.warning("%s could not be folded beyond %d: %s", location, progress.folded, error)
        elif progress.chunk == 1:
            logger.error("event %d of %s cannot be folded", progress.folded + 1, location, exc_info=error)
            self._telemetry.unfolded.inc()
        with self._changed:
            progress.vocabulary = None  # it has taken part in a batch that was not kept
            if of_store:
                progress.failures += 1
                progress.blocked_until = time.monotonic() + BACKOFF.delay_s(progress.failures)
            else:
                progress.leaves_out = progress.chunk == 1
                progress.chunk = max(1, progress.chunk // 2)

    def _next(self) -> tuple[str, FoldProgress] | None:
        """Wait until a log wants the thread, and return the one that wants it first; None at the end."""
        with self._changed:
            while not self._closing:
                wishes = [(due, name) for name, log in self._logs.items() if (due := log.due_at()) is not None]
                due, name = min(wishes, default=(None, ""))
                now = time.monotonic()
                if due is not None and due <= now:
                    return name, self._logs[name]
                self._changed.wait(None if due is None else due - now)
        return None

    def _advance(self, location: str, progress: FoldProgress) -> None:
        """Fold one batch of a log, or clear what cannot be gone on from."""
        commits, began = self._commits, time.monotonic()
        with self._store.view(location) as view:
            dropped, fits = view.epoch != progress.epoch, self._fits(view, progress)
            changed, lost = self._batch(view, progress) if fits and not dropped else None, view.lost
        if dropped:
            self.forget(location, progress.epoch)
        elif changed is None:
            # Who asked for a rebuild saw that nothing was lost; since then something may have been.
            self._clear(location, progress, None if progress.stale else lost)
        else:
            self._keep(location, changed)
            spent = time.monotonic() - began
            self._telemetry.fold.observe(spent)
            with self._changed:
                if not progress.stale:
                    # While others commit, every second moment is theirs.
                    progress.reach(changed.to.cursor.seq, began + spent, spent if commits != self._commits else 0.0)

    def _keep(self, location: str, changed: Flush) -> None:
        if changed.to == changed.after:  # nothing has come since an earlier process folded
            return
        if not self._store.flush(location, changed).result():
            raise StoreError("its watermark has moved")
        self._telemetry.folded.inc(changed.to.cursor.seq - (changed.after.cursor.seq if changed.after else 0))

    def _fits(self, view: LogView, progress: FoldProgress) -> bool:
        """Say whether what was folded can be gone on from; under other rules too where old events were deleted.

        What those counted stays as it was counted, for there is nothing to count it from anew.
        """
        mark = view.watermark
        if mark is None:
            return progress.cleared
        if mark.cursor.epoch != view.epoch or progress.stale:
            return False
        return mark.rules == self.rules.version or not view.whole

    def _batch(self, view: LogView, progress: FoldProgress) -> Flush:
        """Return what the next events change; a watermark at the top stays where it is."""
        mark = view.watermark
        events = [decode(record.wire) for record in view.records(mark.cursor.seq if mark else 0, progress.chunk)]
        if not events and mark is not None:
            return Flush(mark, mark)
        if progress.vocabulary is None:
            progress.vocabulary = Vocabulary(view.words())
        changed = prepare(view, [] if progress.leaves_out else events, events[-1].seq, self.rules, progress.vocabulary)
        progress.leaves_out, progress.chunk = False, min(CHUNK, 2 * progress.chunk)
        return changed

    def _clear(self, location: str, progress: FoldProgress, lost: int | None) -> None:
        """Remove all that was folded of a log, a part in each transaction."""
        while not self._store.clear(location, lost).result():
            if self._closing:
                return
        with self._changed:
            progress.folded, progress.vocabulary = 0, None
            progress.stale, progress.cleared = False, True
