"""The rollup worker: one thread folds every log on from its watermark, so that the cost of a query does not grow."""

import asyncio
import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import NamedTuple

from jorge_data.backoff import Backoff
from jorge_data.errors import Behind, Invalid, StoreError, Unavailable
from jorge_data.events import decode
from jorge_data.metrics.entities import Rules, Vocabulary
from jorge_data.server.readiness import ReportPart
from jorge_data.server.rollup.batch import prepare
from jorge_data.server.telemetry import Telemetry
from jorge_data.store import Bounds, Flush, LogView, Store, Watermark

MAX_DELAY_S = 1.0
"""Longest that a few events wait for more before they are folded, where no query waits for them."""

BATCH_SIZE = 1000
"""Most events of one batch, and so of one transaction of the writer's: no publisher waits for a longer one."""


@dataclass
class FoldProgress:
    """How far one log is folded, and what is next; guarded by the condition of RollupWorker."""

    epoch: str
    top: int
    folded: int = 0
    folded_at: float = 0.0  # monotonic
    idle_until: float = 0.0  # monotonic; so that folding does not take more than half of a busy processor
    blocked_until: float = 0.0  # monotonic; after a failure of the store
    failures: int = 0  # of the store, in a row
    stale: bool = False  # what was folded must be cleared first
    cleared: bool = False  # nothing of an earlier fold is left
    batch_size: int = BATCH_SIZE  # less, while the event that cannot be folded is narrowed down
    skips_next: bool = False  # the next event cannot be folded
    vocabulary: Vocabulary | None = None  # None where it must be read from the store
    waiters: list[tuple[int, Future[None]]] = field(default_factory=list)
    left_out: tuple[str, ...] = ()  # the archive's files without which it is folded
    reason: str = ""  # why it could not be folded on, while it cannot

    @property
    def lag(self) -> int:
        return self.top - self.folded

    def due_at(self) -> float | None:
        """Return when the next batch of this log is due (monotonic), None where there is nothing to do."""
        if not self.lag and not self.stale:
            return None
        if self.stale or any(not future.cancelled() for _, future in self.waiters):
            return self.blocked_until
        earliest = max(self.idle_until, self.blocked_until)
        return earliest if self.lag >= BATCH_SIZE else max(earliest, self.folded_at + MAX_DELAY_S)

    def reach(self, watermark: Watermark, now: float, idle_s: float) -> None:
        """Note that a batch was written, and complete the waiters whose position is reached."""
        position = watermark.cursor.seq
        self.folded, self.folded_at, self.idle_until, self.failures = position, now, now + idle_s, 0
        self.left_out, self.reason = watermark.left_out, ""
        reached = [future for awaited, future in self.waiters if awaited <= position]
        self.waiters = [(awaited, future) for awaited, future in self.waiters if awaited > position]
        for future in reached:
            if future.set_running_or_notify_cancel():
                future.set_result(None)

    def abandon(self, reason: Exception) -> None:
        """Fail all waiters."""
        for _, future in self.waiters:
            if future.set_running_or_notify_cancel():
                future.set_exception(reason)
        self.waiters = []


logger = logging.getLogger(__name__)

WAIT_S = 5.0
"""Longest that a query waits for the fold; then it fails with how far that is, before a dashboard gives it up."""

STANDS_AFTER_S = 60.0
"""A batch takes some milliseconds; after so long it is reported as one that stands."""

BACKOFF = Backoff(cap_s=10)
"""Pauses after the store could not be read or written."""


class Folded(NamedTuple):
    """What a batch changed in a location's history, and up to which position it is folded now.

    `changed` names kinds of fact, families of entity and entities (family/key); None: all of it may have changed.
    """

    location: str
    changed: frozenset[str] | None
    position: int


class Reached(NamedTuple):
    """How far a log is folded, and without which of the archive's files."""

    location: str
    epoch: str
    folded: int
    top: int
    left_out: tuple[str, ...] = ()


class RollupWorker:
    """Keeps the rollups of every log near its top; every method may be called from any thread."""

    def __init__(
        self,
        store: Store,
        rules: Rules,
        telemetry: Telemetry,
        folded: Callable[[Folded], None] = lambda change: None,
        report: ReportPart = lambda name, state, why="", details=(): None,
    ) -> None:
        """`folded` is called on the worker's thread after each batch, before those who wait for it go on."""
        self.rules = rules
        self._folded = folded
        self._report_part = report
        self._not_counted = 0  # events
        self._busy_since: float | None = None  # monotonic; while a batch is under way
        self._store = store
        self._telemetry = telemetry
        self._logs: dict[str, FoldProgress] = {}
        self._commits = 0
        self._closing = False
        self._batch_lock = threading.Lock()  # held while a batch is read, folded and written
        # Guards the logs and the progress of each; notified when one may be due.
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._run, name="folding", daemon=True)
        telemetry.fold_lag.set_function(lambda: sum(log.lag for log in list(self._logs.values())))

    def start(self) -> None:
        """Begin with what was committed before this process."""
        for bounds in self._store.logs():
            self.committed(bounds)
        self._thread.start()

    def committed(self, bounds: Bounds) -> None:
        """Note how far a log reaches; before the commit is acknowledged, so that no later query misses it."""
        with self._changed:
            self._commits += 1
            progress = self._logs.get(bounds.location)
            if progress is None or progress.epoch != bounds.epoch:
                self._drop(bounds.location)
                self._logs[bounds.location] = FoldProgress(bounds.epoch, bounds.top)
                self._changed.notify()
                return
            before, progress.top = progress.due_at(), max(progress.top, bounds.top)
            # Of a thousand commits a second few move what is due, and only those wake the thread.
            if (due := progress.due_at()) is not None and (before is None or due < before):
                self._changed.notify()

    def forget(self, location: str, epoch: str) -> None:
        """Stop folding a log that was removed."""
        with self._changed:
            progress = self._logs.get(location)
            if progress is not None and progress.epoch == epoch:
                self._drop(location)

    def rebuild(self, location: str) -> Reached:
        """Fold a log anew from its first event; until that is done, its queries are answered with 503.

        Raise Invalid where old events were deleted: what they counted could not be counted again.
        """
        with self._store.view(location) as view:
            if not view.whole:
                raise Invalid(
                    f"location is {location}: allowed is one whose old events were kept or archived, not deleted"
                )
        with self._changed:
            progress = self._logs.get(location)
            if progress is not None:
                progress.stale, progress.folded = True, 0
                self._changed.notify()
        return self.reached(location)

    def reached(self, location: str) -> Reached:
        """Return how far a log is folded."""
        with self._changed:
            progress = self._logs.get(location, FoldProgress("", 0))
            return Reached(location, progress.epoch, progress.folded, progress.top, progress.left_out)

    async def all_folded(self, location: str, within_s: float = WAIT_S) -> Reached:
        """Wait until everything that is committed now is folded; raise Behind, with how far it is, after `within_s`."""
        waiter: Future[None] = Future()
        with self._changed:
            progress = self._logs.get(location, FoldProgress("", 0))
            if not progress.lag and not progress.stale:
                return Reached(location, progress.epoch, progress.folded, progress.top, progress.left_out)
            top = progress.top
            progress.waiters.append((top, waiter))
            self._changed.notify()
        try:
            async with asyncio.timeout(within_s):
                await asyncio.wrap_future(waiter)
        except TimeoutError:
            raise _behind(self.reached(location)) from None
        return Reached(location, progress.epoch, top, top, progress.left_out)

    def standing(self, location: str, work: Callable[[], None]) -> None:
        """Run a function that changes what was folded of a log, while no batch is read or written.

        What follows is folded with the words that are stored then, and all figures of it are asked again.
        """
        with self._batch_lock:
            work()
            with self._changed:
                if (progress := self._logs.get(location)) is not None:
                    progress.vocabulary = None
        self._folded(Folded(location, None, self.reached(location).folded))

    def close(self) -> None:
        """Finish the batch under way, then end the thread."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        if self._thread.is_alive():
            self._thread.join()
        with self._changed:
            for location in list(self._logs):
                self._drop(location)

    def _drop(self, location: str) -> None:
        progress = self._logs.pop(location, None)
        if progress is not None:
            progress.abandon(Unavailable(f"the log of {location} was replaced, or the server ends", retry_after_s=1))

    def _run(self) -> None:
        while (due := self._next()) is not None:
            location, progress = due
            before = progress.reason, progress.left_out, self._not_counted
            self._busy_since = time.monotonic()
            try:
                with self._batch_lock:
                    self._advance(location, progress)
            except Exception as error:
                self._retry(location, progress, error)
            self._busy_since = None
            if before != (progress.reason, progress.left_out, self._not_counted):
                self.report()

    def _retry(self, location: str, progress: FoldProgress, error: Exception) -> None:
        """Try again: later where the store failed, else with fewer events, until the faulty one is alone in its batch.

        That one is skipped, for the history would stop at it for ever.
        """
        of_store = isinstance(error, StoreError)
        if of_store and progress.reason != str(error):  # once for each reason, and not at every try
            logger.warning("%s could not be folded beyond %d: %s", location, progress.folded, error)
        elif not of_store and progress.batch_size == 1:
            logger.error("event %d of %s cannot be folded", progress.folded + 1, location, exc_info=error)
            self._telemetry.unfolded.inc()
            self._not_counted += 1
        with self._changed:
            progress.vocabulary = None  # it has words of a batch that was not written
            if of_store:
                progress.reason = str(error)
                progress.failures += 1
                progress.blocked_until = time.monotonic() + BACKOFF.delay_s(progress.failures)
            else:
                progress.skips_next = progress.batch_size == 1
                progress.batch_size = max(1, progress.batch_size // 2)

    def report(self) -> None:
        """Report the history as a part of the server: whether it goes on, and what is not counted in it."""
        with self._changed:
            failing = {name: log.reason for name, log in self._logs.items() if log.reason}
            left_out = sorted({name for log in self._logs.values() for name in log.left_out})
        busy_since = self._busy_since
        why = []
        if failing:
            why.append(f"the history of {_many(len(failing), 'office')} stands: {next(iter(failing.values()))}")
        elif busy_since is not None and time.monotonic() - busy_since > STANDS_AFTER_S:
            why.append(f"the history stands: a batch has taken more than {STANDS_AFTER_S:.0f} s")
        if self._not_counted:
            why.append(f"{_many(self._not_counted, 'event')} could not be counted: the log names them")
        if left_out:
            why.append(f"the history lacks {_many(len(left_out), 'day')} of the archive that could not be read")
        details = [*(f"{name}: {reason}" for name, reason in failing.items()), *left_out]
        self._report_part("rollups", "degraded" if why else "ok", "; ".join(why), details)

    def _next(self) -> tuple[str, FoldProgress] | None:
        """Wait until a log is due, and return the one that was due first; None at the end."""
        with self._changed:
            while not self._closing:
                dues = [(due, name) for name, log in self._logs.items() if (due := log.due_at()) is not None]
                due, name = min(dues, default=(None, ""))
                now = time.monotonic()
                if due is not None and due <= now:
                    return name, self._logs[name]
                self._changed.wait(None if due is None else due - now)
        return None

    def _advance(self, location: str, progress: FoldProgress) -> None:
        """Fold one batch of a log, or clear rollups that cannot be continued."""
        commits, began = self._commits, time.monotonic()
        with self._store.view(location) as view:
            dropped, continues = view.epoch != progress.epoch, self._can_continue(view, progress)
            changed, lost = self._batch(view, progress) if continues and not dropped else None, view.lost
        if dropped:
            self.forget(location, progress.epoch)
        elif changed is None:
            # At the request for a rebuild nothing was lost; since then something may have been.
            self._clear(location, progress, None if progress.stale else lost)
        else:
            self._flush(location, changed)
            self._folded(Folded(location, changed.names, changed.to.cursor.seq))
            spent = time.monotonic() - began
            self._telemetry.fold.observe(spent)
            with self._changed:
                if not progress.stale:
                    # While others commit, every second moment is theirs.
                    progress.reach(changed.to, began + spent, spent if commits != self._commits else 0.0)

    def _flush(self, location: str, changed: Flush) -> None:
        if changed.to == changed.after:  # nothing has come since an earlier process folded
            return
        if not self._store.flush(location, changed).result():
            raise StoreError("its watermark has moved")
        self._telemetry.folded.inc(changed.to.cursor.seq - (changed.after.cursor.seq if changed.after else 0))

    def _can_continue(self, view: LogView, progress: FoldProgress) -> bool:
        """Return whether the rollups can be continued; under other rules too where old events were deleted.

        What those counted stays as it is, for it cannot be counted anew.
        """
        watermark = view.watermark
        if watermark is None:
            return progress.cleared
        if watermark.cursor.epoch != view.epoch or progress.stale:
            return False
        return watermark.rules == self.rules.version or not view.whole

    def _batch(self, view: LogView, progress: FoldProgress) -> Flush:
        """Return what the next events change; a watermark at the top stays where it is."""
        watermark = view.watermark
        page = view.read(view.position.seq, progress.batch_size)
        events = [decode(record.wire) for record in page.records]
        if page.position == view.position.seq and watermark is not None:
            return Flush(watermark, watermark)
        if (hole := page.unreadable) is not None:  # passed over, for the history would stop at it for ever
            self._telemetry.unfolded.inc(hole.last - hole.first + 1)
            self._not_counted += hole.last - hole.first + 1
        if progress.vocabulary is None:
            progress.vocabulary = Vocabulary(view.words())
        changed = prepare(view, [] if progress.skips_next else events, page.position, self.rules, progress.vocabulary)
        progress.skips_next, progress.batch_size = False, min(BATCH_SIZE, 2 * progress.batch_size)
        return changed

    def _clear(self, location: str, progress: FoldProgress, lost: int | None) -> None:
        """Remove all that was folded of a log, a part in each transaction."""
        while not self._store.clear(location, lost).result():
            if self._closing:
                return
        self._folded(Folded(location, None, 0))
        with self._changed:
            progress.folded, progress.vocabulary = 0, None
            progress.stale, progress.cleared = False, True


def _many(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def _behind(reached: Reached) -> Behind:
    so_far = f"{reached.folded:,} of {reached.top:,} events so far"
    message = f"the history of {reached.location} is being counted, {so_far}"
    return Behind(message, retry_after_s=min(60, 2 + (reached.top - reached.folded) / 20_000))
