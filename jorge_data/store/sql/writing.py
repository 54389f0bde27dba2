"""What waits to be written, and the group that is committed next: a durable append costs a share of one commit."""

import logging
import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import AbstractContextManager
from typing import Any, NamedTuple, Protocol, TypeVar

from sqlalchemy import Connection

from jorge_data.errors import StoreBusy, StoreError
from jorge_data.events import Candidate, Record
from jorge_data.store.audit_entry import AuditedAction
from jorge_data.store.base import AppendResult, Bounds, Commit, CommitListener
from jorge_data.store.delivery import Delivery

logger = logging.getLogger(__name__)

T = TypeVar("T")

Read = Callable[[], AbstractContextManager[Connection]]
"""How a connection is got on which all is read."""

GROUP = 1000
"""Most events in one commit; while one is under way the next group collects, so an idle store waits for nothing."""

QUEUE = 20_000
"""Most events waiting for the writer; more are refused as StoreBusy."""

BYTES_OF_AN_EVENT = 4096


Acts = Sequence[AuditedAction | None]
"""What the audit log gets for each event of a submission; may be shorter, where the rest gets nothing."""


class Submission(NamedTuple):
    """What is to be appended to a location's log, with its acts.

    `agent`: by whom, where it may be about nobody's contacts and his own alone, as of the transaction; it stands first
    in its group, so that whatever was appended before counts. `together`: nothing of it where something may not.
    """

    location: str
    candidates: Sequence[Candidate]
    acts: Acts = ()
    agent: str | None = None
    together: bool = False


class Added(NamedTuple):
    """What was added to one log, by the log's number in the store."""

    log: int
    bounds: Bounds
    records: tuple[Record, ...]


class Outcomes(NamedTuple):
    """What a group did: the results of each submission, what was added to each log, which deliveries are repeats.

    The result is None of what is about another agent's contact.
    """

    results: list[list[AppendResult | None]]
    added: list[Added]
    repeated: list[bool]


class AppendJob:
    """A submission, and the future of the positions of its events."""

    def __init__(self, submission: Submission) -> None:
        self.submission = submission
        self.weight = len(submission.candidates)
        self.results: Future[list[Any]] = _irrevocable()


class DeliveryJob:
    """A delivery, and the future that says whether it is a repeat; a large one weighs as many events."""

    def __init__(self, delivery: Delivery) -> None:
        self.delivery = delivery
        self.weight = 1 + len(delivery.body) // BYTES_OF_AN_EVENT
        self.duplicate: Future[bool] = _irrevocable()


class Task:
    """Any other write: a function of the connection, alone in its transaction, or `alone` without one."""

    weight = 1

    def __init__(self, work: Callable[[Connection], Any], alone: bool = False) -> None:
        self.work, self.alone = work, alone
        self.done: Future[Any] = _irrevocable()


Job = AppendJob | DeliveryJob | Task


def _irrevocable() -> Future[Any]:
    """Return a future that cannot be cancelled: who stops waiting (a client that left) does not stop the write."""
    future: Future[Any] = Future()
    future.set_running_or_notify_cancel()
    return future


class Writing(Protocol):
    """Whoever commits: by jobs, one after the other."""

    def put(self, job: Job) -> None:
        """Queue a job; raise StoreBusy where too many events wait, StoreError after close."""

    def run(self, work: Callable[[Connection], T]) -> Future[T]:
        """Queue a function of the connection, alone in its transaction; raise as `put` does.

        What it reads is not changed by anybody until it is through: of two that look before they write, one is done.
        """


class JobQueue:
    """What waits for the one thread that commits; any thread may put."""

    def __init__(self) -> None:
        self._queue: deque[Job] = deque()
        self._weight = 0
        self._closing = False
        # Guards the queue, its weight and whether to close; notified when one of them changes.
        self._changed = threading.Condition()

    @property
    def waiting(self) -> int:
        """Events that wait for a commit now."""
        return self._weight

    def put(self, job: Job) -> None:
        """Queue a job; raise StoreBusy where too many events wait, StoreError after close."""
        with self._changed:
            if self._closing:
                raise StoreError("the store is closed")
            if self._weight + job.weight > QUEUE:
                raise StoreBusy(f"{self._weight} events wait for the store: at most {QUEUE} may")
            self._queue.append(job)
            self._weight += job.weight
            self._changed.notify()

    def run(self, work: Callable[[Connection], T]) -> Future[T]:
        """Queue a function of the connection, alone in its transaction; raise as `put` does."""
        task = Task(work)
        self.put(task)
        return task.done

    def run_alone(self, work: Callable[[Connection], T]) -> Future[T]:
        """Queue a function that makes the store's files smaller, which needs to be in no transaction; as `run`."""
        task = Task(work, alone=True)
        self.put(task)
        return task.done

    def end(self) -> bool:
        """Take nothing more; return whether it was so already."""
        with self._changed:
            ended, self._closing = self._closing, True
            self._changed.notify()
            return ended

    def next_group(self) -> list[Job]:
        """Wait for work; return a task alone, or appends and deliveries up to a group, or nothing at the end.

        What an agent appends begins a group: whether he may is decided by what is committed.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._queue or self._closing)
            group: list[Job] = []
            weight = 0
            while self._queue and (not group or self._fits(self._queue[0], weight)):
                group.append(self._queue.popleft())
                weight += group[-1].weight
                if isinstance(group[-1], Task):
                    break
            self._weight -= weight
            return group

    @staticmethod
    def _fits(job: Job, weight: int) -> bool:
        begins = isinstance(job, Task) or (isinstance(job, AppendJob) and job.submission.agent is not None)
        return not begins and weight + job.weight <= GROUP


def acknowledge(
    outcomes: Outcomes, appends: Sequence[AppendJob], deliveries: Sequence[DeliveryJob], listener: CommitListener
) -> None:
    """Announce what was committed, then answer who asked for it."""
    for _, bounds, records in outcomes.added:
        try:
            listener(Commit(bounds, records))
        except Exception:  # the events are on disk: their futures must be done and the next ones written
            logger.exception("the listener failed at %s:%d", bounds.epoch, bounds.top)
    for job, results in zip(appends, outcomes.results, strict=True):
        job.results.set_result(results)
    for delivery, repeated in zip(deliveries, outcomes.repeated, strict=True):
        delivery.duplicate.set_result(repeated)


def refuse(appends: Sequence[AppendJob], deliveries: Sequence[DeliveryJob], why: str) -> None:
    """Answer all of a group that was not committed by a StoreError."""
    futures: list[Future[Any]] = [*(job.results for job in appends), *(job.duplicate for job in deliveries)]
    for future in futures:
        future.set_exception(StoreError(f"the store could not commit: {why}"))
