"""Whether this machine's clock is right, by what it showed before: nothing can have been received later than now."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

import orjson

from jorge_data.errors import StoreError
from jorge_data.events.timestamps import in_words, parse_moment
from jorge_data.server.readiness import ReportPart
from jorge_data.store import Store

MOST_BEHIND = timedelta(seconds=60)
"""So much a clock may be set back by a synchronization, and nobody needs to know."""

EVERY_S = 5.0


def newest_receipt(store: Store) -> datetime | None:
    """Return when the newest event of any log was received; a log that cannot be read is passed over."""
    newest: datetime | None = None
    for bounds in store.logs():
        try:
            records = store.read(bounds.location, bounds.top - 1, 1).records if bounds.top else []
        except StoreError:
            continue
        for record in records:
            received = parse_moment(orjson.loads(record.wire)["receivedat"])
            newest = received if newest is None else max(newest, received)
    return newest


class ClockWatch:
    """Compares the clock with the latest time that it has shown, as an event in the store or to this watch."""

    def __init__(self, report: ReportPart, clock: Callable[[], datetime], newest: datetime | None) -> None:
        self._report, self._clock, self._newest = report, clock, newest

    def check(self) -> None:
        """Report whether the clock is behind."""
        now = self._clock()
        self._newest = max(now, self._newest or now)
        behind = self._newest - now
        if behind <= MOST_BEHIND:
            self._report("clock", "ok")
            return
        by = f"{in_words(behind.total_seconds())} behind the newest event it has stored"
        self._report("clock", "degraded", f"this machine's clock is {by}: set it right")

    async def repeat(self) -> None:
        """Check for ever."""
        while True:
            self.check()
            await asyncio.sleep(EVERY_S)
