"""One open tab: what it shows, and the frames that wait to be sent to it."""

import asyncio
from collections import deque
from typing import Any

from jorge_data.dashboard.push.paint_delay import PaintDelay
from jorge_data.dashboard.push.tickets import Holder

MOST_PENDING = 64


class ClientQueue:
    """A tab's bounded queue; where it overflows the tab gets the whole state, so nothing is lost silently."""

    def __init__(self, holder: Holder) -> None:
        self.holder = holder
        self.location: str | None = None
        self.notice: dict[str, Any] | None = None
        self.delay = PaintDelay()
        self._pending: deque[bytes] = deque()
        self._replies: deque[bytes] = deque(maxlen=MOST_PENDING)
        self._stale = True
        self._ready = asyncio.Event()

    @property
    def pending(self) -> int:
        """Return how many patches wait."""
        return len(self._pending)

    def switch(self, holder: Holder) -> None:
        """Show another location or time range from now on."""
        self.holder, self.location, self.notice = holder, None, None
        self.require_state()

    def offer(self, frame: bytes) -> None:
        """Queue a patch; a stale tab takes none, because the state it is about to get covers it."""
        if self._stale:
            return
        if len(self._pending) >= MOST_PENDING:
            self.require_state()
            return
        self._pending.append(frame)
        self._ready.set()

    def reply(self, frame: bytes) -> None:
        """Queue a frame for this tab alone; it is sent even where the patches are dropped."""
        self._replies.append(frame)
        self._ready.set()

    def require_state(self) -> None:
        """Drop the pending patches: the next frame is the whole state."""
        self._pending.clear()
        self._stale = True
        self._ready.set()

    async def next(self) -> bytes | None:
        """Wait for the next frame and return it, or None where the whole state must be sent."""
        while not (self._replies or self._stale or self._pending):
            self._ready.clear()
            await self._ready.wait()
        if self._replies:
            return self._replies.popleft()
        if self._stale:
            self._stale = False
            return None
        return self._pending.popleft()
