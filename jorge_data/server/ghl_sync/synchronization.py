"""The synchronization of one location: one run at a time, at an interval or on request, reported to its followers."""

import asyncio
import logging
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import closing, suppress
from dataclasses import dataclass, field

from jorge_data.errors import JorgeError
from jorge_data.server.ghl_sync.run import SyncProgress, SyncRun
from jorge_data.server.ghl_sync.sync_store import SyncStore
from jorge_data.vendors.gohighlevel.api import API

logger = logging.getLogger(__name__)

Wait = Callable[[float], bool]
OpenAPI = Callable[[Wait], API]
"""Returns a client of the API that pauses by this function."""


@dataclass
class SyncReport:
    """How far a synchronization is; `superseded` is set when there is a newer report."""

    progress: SyncProgress | None = None
    ended: bool = False
    error: str | None = None
    superseded: asyncio.Event = field(default_factory=asyncio.Event)

    def as_json(self) -> dict[str, object]:
        """Return the report as a line of `/api/sync/ghl`."""
        line = self.progress._asdict() if self.progress else {}
        return line | {"ended": self.ended} | ({"error": self.error} if self.error else {})


class Synchronization:
    """Runs and reports synchronizations, on the event loop; each request to the API waits on a thread of its own."""

    def __init__(self, open_api: OpenAPI, sync_store: SyncStore, location: str) -> None:
        self.location = location
        self._open_api, self._sync_store = open_api, sync_store
        self._stop = threading.Event()
        self._running: asyncio.Task[None] | None = None
        self._report = SyncReport(ended=True)
        self.failing: str | None = None
        """Why the last run that ended by itself did not reach its end."""

    async def repeat(self, every_s: float, ending: asyncio.Event) -> None:
        """Synchronize now and at an interval, until the server ends."""
        while not ending.is_set():
            self.start()
            with suppress(TimeoutError):
                await asyncio.wait_for(ending.wait(), every_s)
        await self.close()  # its followers get the last report, and let the server end

    def start(self) -> None:
        """Begin a run, where none is under way."""
        if self._running is None or self._running.done():
            self._report = SyncReport()
            self._running = asyncio.create_task(self._run())

    async def follow(self) -> AsyncIterator[SyncReport]:
        """Yield the newest report, and every newer one, up to the end; a slow follower misses some in between."""
        while True:
            report = self._report
            yield report
            if report.ended:
                return
            await report.superseded.wait()

    async def close(self) -> None:
        """Stop at once; the next run resumes after the last page that was filed."""
        self._stop.set()
        if self._running:
            self._running.cancel()
            await asyncio.gather(self._running, return_exceptions=True)

    async def _run(self) -> None:
        error: str | None = "the server ends: the next synchronization goes on from here"
        try:
            with closing(self._open_api(self._stop.wait)) as api:
                async for progress in SyncRun(api, self._sync_store).progress():
                    self._publish(SyncReport(progress))
            error = self.failing = None
        except JorgeError as failure:
            error = self.failing = str(failure)
            logger.warning("the synchronization with GoHighLevel was cut off: %s", failure)
        except Exception:
            error = self.failing = "something went wrong here; the log names it"
            logger.exception("the synchronization with GoHighLevel failed")
        finally:
            self._publish(SyncReport(self._report.progress, True, error))

    def _publish(self, report: SyncReport) -> None:
        previous, self._report = self._report, report
        previous.superseded.set()
