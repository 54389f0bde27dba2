"""The feed of one location: a thread that may be started, stopped, hurried and asked how it is."""

import random as _random
import threading
import time
from collections.abc import Callable

from jorge_data.feed.consumer import Consumer, Guard
from jorge_data.feed.endpoint import Clock, Endpoint, Timing
from jorge_data.feed.loop import Loop
from jorge_data.feed.status import FeedStatus, Transition

HISTORY = 1000
ABORT_EVERY_S = 0.05


class Feed:
    """Bring every event of a location to one consumer, in order and once, as long as it runs; safe from any thread."""

    def __init__(
        self,
        endpoint: Endpoint,
        location: str,
        consumer: Consumer,
        *,
        clock: Clock = time,
        random: Callable[[], float] = _random.random,
        history: int = HISTORY,
        timing: Timing | None = None,
    ) -> None:
        self.location = location
        self._consumer = Guard(consumer)
        self._loop = Loop(endpoint, location, self._consumer, clock, random, history, timing or Timing())
        self._thread = threading.Thread(target=self._loop.run, name=f"feed-{location}", daemon=True)

    def start(self) -> None:
        """Start the thread; a feed runs once."""
        self._thread.start()

    def stop(self, timeout_s: float = 0.8) -> bool:
        """End the thread and say whether it has ended; no call to the consumer begins afterwards, in either case.

        What cannot be woken is an HTTP request that waits for its answer: it ends by the endpoint's timeout.
        """
        self._consumer.close()
        until = time.monotonic() + timeout_s
        self._loop.stop()
        while self._can_be_joined() and time.monotonic() < until:
            self._thread.join(ABORT_EVERY_S)
            self._loop.stop()  # again: a socket may have been opened between the call before and its check
        return not self._thread.is_alive()

    def retry_now(self) -> None:
        """Cut short the wait for the next attempt; while polling, try the websocket at once."""
        self._loop.hurry()

    @property
    def status(self) -> FeedStatus:
        return self._loop.reporter.status

    def log(self) -> list[Transition]:
        """Return the last transitions of the connection, oldest first."""
        return self._loop.reporter.log.read()

    def _can_be_joined(self) -> bool:
        return self._thread.is_alive() and self._thread is not threading.current_thread()
