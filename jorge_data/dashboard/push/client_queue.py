"""One open tab: what it looks at, and the frames that wait to be sent to it."""

import asyncio
from collections import deque
from typing import Any

from jorge_data.dashboard.push.tickets import Holder

MOST_WAITING = 64


class ClientQueue:
    """Hold a tab's bounded queue; where it overflows the tab gets the whole state, so nothing is lost unseen."""

    def __init__(self, holder: Holder) -> None:
        self.holder = holder
        self.location: str | None = None
        self.notice: dict[str, Any] | None = None
        self._waiting: deque[bytes] = deque()
        self._answers: deque[bytes] = deque(maxlen=MOST_WAITING)
        self._stale = True
        self._ready = asyncio.Event()

    @property
    def waiting(self) -> int:
        """Return how many patches wait."""
        return len(self._waiting)

    def turn(self, holder: Holder) -> None:
        """Look at something else from now on."""
        self.holder, self.location, self.notice = holder, None, None
        self.spoil()

    def offer(self, frame: bytes) -> None:
        """Queue a patch; a stale tab takes none, because the state it is about to get covers it."""
        if self._stale:
            return
        if len(self._waiting) >= MOST_WAITING:
            self.spoil()
            return
        self._waiting.append(frame)
        self._ready.set()

    def answer(self, frame: bytes) -> None:
        """Queue what is for this tab alone, whatever becomes of its patches."""
        self._answers.append(frame)
        self._ready.set()

    def spoil(self) -> None:
        """Forget the patches that wait: the whole state is due."""
        self._waiting.clear()
        self._stale = True
        self._ready.set()

    async def next(self) -> bytes | None:
        """Return the next frame to send, or None where the whole state is due; wait while there is nothing."""
        while not (self._answers or self._stale or self._waiting):
            self._ready.clear()
            await self._ready.wait()
        if self._answers:
            return self._answers.popleft()
        if self._stale:
            self._stale = False
            return None
        return self._waiting.popleft()
