"""Who has read which contact's words, in the audit log: written where they are served, whoever asks for them."""

import asyncio
import logging
import time
from collections import OrderedDict
from collections.abc import Callable, Collection, Hashable
from typing import Literal

from jorge_data.errors import StoreError
from jorge_data.events import KINDS, Cursor
from jorge_data.events.personal import FIELDS
from jorge_data.permissions import Right
from jorge_data.server.auth.audited_acts import ONCE_IN, Digest, transcript_opened
from jorge_data.server.auth.claims import Claims
from jorge_data.server.auth.token_service import action_of
from jorge_data.store import Audit, AuditedAction

logger = logging.getLogger(__name__)

MOST = 10_000
"""Readings in memory: a page asks for its transcript every few seconds, and the store is asked for the first alone."""

WRITTEN_WITHIN_S = 2.0
"""How long a reader waits until it is written that he reads; a disk that hangs, or a file that is written anew, holds
up who writes, and no one who reads. It is written then all the same, later."""

WORDS = FIELDS["body"] | FIELDS["note"]
"""The fields of events in which a contact's words stand."""

_WITH_WORDS = frozenset(name for name, fields in KINDS.items() if not WORDS.isdisjoint(fields.__annotations__))

Way = Literal[
    "the dashboard",
    "polling",
    "the stream",
    "the socket",
    "Socket.IO",
    "rows",
    "figures",
    "deliveries",
    "refusals",
]
"""By what many contacts' words are served at once; a dashboard's pages share what they were served."""


class OpenedTranscripts:
    """Records them, once for each reader and contact in ONCE_IN, and for each way of reading; event loop only."""

    def __init__(self, audit: Audit, digest: Digest, clock: Callable[[], float] = time.monotonic) -> None:
        self._audit, self._digest, self._clock = audit, digest, clock
        self._opened: OrderedDict[Hashable, float] = OrderedDict()
        self._read_from: OrderedDict[Hashable, tuple[float, int]] = OrderedDict()

    async def record(self, by: Claims, location: str, contact: str) -> None:
        """Record that a transcript is about to be served; where the store takes nothing it is served all the same."""
        key, now = (by.subject, location, contact), self._clock()
        if now - self._opened.get(key, -ONCE_IN.total_seconds()) < ONCE_IN.total_seconds():
            return
        self._opened[key] = now
        self._opened.move_to_end(key)
        if len(self._opened) > MOST:
            self._opened.popitem(last=False)
        if not await self._written(transcript_opened(by, location, contact, self._digest)):
            self._opened.pop(key, None)

    async def record_all(
        self,
        by: Claims,
        location: str | None,
        way: Way,
        start: Cursor | None = None,
        types: Collection[str] | None = None,
    ) -> None:
        """Record that a person begins to read words of an office's contacts, all from a position on.

        A person is who has a login. He begins where he did not read this way for ONCE_IN, or further back than then.
        """
        if by.session is None or not by.may(Right.SEE_CONTACTS):
            return
        if types is not None and _WITH_WORDS.isdisjoint(types):
            return
        epoch, position = start or ("", 0)
        key, now = (by.subject, location, way, epoch), self._clock()
        last, lowest = self._read_from.get(key, (-ONCE_IN.total_seconds(), position))
        goes_on = now - last < ONCE_IN.total_seconds() and position >= lowest
        self._read_from[key] = now, min(position, lowest) if goes_on else position
        self._read_from.move_to_end(key)
        if len(self._read_from) > MOST:
            self._read_from.popitem(last=False)
        what = way if start is None else f"{way}, from {position}"
        if not goes_on and not await self._written(action_of(by, "location.read", what, location)):
            self._read_from.pop(key, None)

    async def _written(self, act: AuditedAction) -> bool:
        writing = asyncio.wrap_future(self._audit.record(act))
        writing.add_done_callback(_say_if_failed)
        try:
            async with asyncio.timeout(WRITTEN_WITHIN_S):
                await asyncio.shield(writing)
        except TimeoutError:
            return True
        except StoreError:
            return False
        return True


def _say_if_failed(writing: asyncio.Future[None]) -> None:
    if not writing.cancelled() and (error := writing.exception()):
        logger.warning("that a transcript was opened could not be written into the audit log: %s", error)
