"""Who has opened which contact's transcript, in the audit log: written where it is served, whoever asks for it."""

import asyncio
import logging
import time
from collections import OrderedDict
from collections.abc import Callable

from jorge_data.errors import StoreError
from jorge_data.server.auth.audited_acts import ONCE_IN, Digest, transcript_opened
from jorge_data.server.auth.claims import Claims
from jorge_data.store import Audit

logger = logging.getLogger(__name__)

MOST = 10_000
"""Openings in memory: a page asks for its transcript every few seconds, and the store is asked for the first alone."""


class OpenedTranscripts:
    """Records them, once for each reader and contact in ONCE_IN; event loop only."""

    def __init__(self, audit: Audit, digest: Digest, clock: Callable[[], float] = time.monotonic) -> None:
        self._audit, self._digest, self._clock = audit, digest, clock
        self._opened: OrderedDict[tuple[str, str, str], float] = OrderedDict()

    async def record(self, by: Claims, location: str, contact: str) -> None:
        """Record that a transcript is about to be served; where the store takes nothing it is served all the same."""
        key, now = (by.subject, location, contact), self._clock()
        if now - self._opened.get(key, -ONCE_IN.total_seconds()) < ONCE_IN.total_seconds():
            return
        try:
            act = transcript_opened(by, location, contact, self._digest)
            await asyncio.wrap_future(self._audit.record(act))
        except StoreError as error:
            logger.warning("that a transcript was opened could not be written into the audit log: %s", error)
            return
        self._opened[key] = now
        self._opened.move_to_end(key)
        if len(self._opened) > MOST:
            self._opened.popitem(last=False)
