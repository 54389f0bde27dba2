"""The feed thread of one location: connect, resume, deliver; come back; poll when that keeps failing."""

import contextlib
import logging
import random as _random
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import assert_never

from jorge_data.events import Event
from jorge_data.feed.backoff import Attempts
from jorge_data.feed.consumer import Consumer, Guard
from jorge_data.feed.endpoint import Clock, Endpoint, Timing
from jorge_data.feed.failures import FeedFailure, Gap, PositionLost
from jorge_data.feed.log import ConnectionLog, Transition
from jorge_data.feed.meter import Meter
from jorge_data.feed.polling import Api
from jorge_data.feed.protocol import Action, Conversation, Deliver, Live, Send
from jorge_data.feed.reporter import Reporter
from jorge_data.feed.socket import Socket
from jorge_data.feed.status import FeedStatus
from jorge_data.feed.stream import Stream
from jorge_data.feed.verdict import after_attempt, after_poll, retry_or_fatal

HISTORY = 1000
STOP_CHECK_S = 0.05

_log = logging.getLogger(__name__)


class Feed:
    """Bring every event of a location to one consumer, in order and once, as long as it runs.

    `start`, `stop`, `retry_now`, `status` and `log` may be called from any thread; all else happens in the feed's own.
    """

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
        self._endpoint = endpoint
        self._timing = timing or Timing()
        self._clock = clock
        self._consumer = Guard(consumer)
        self._transitions = ConnectionLog()
        self._reporter = Reporter(location, clock, self._consumer, self._transitions)
        self._meter = Meter(clock.monotonic)
        self._api = Api(endpoint, location, self._meter.add)
        self._stream = Stream(history)
        self._attempts = Attempts(self._timing, random)
        self._probe_at = 0.0  # monotonic; while polling, when the websocket is tried next
        self._unanswered = False  # the poll before this one failed
        self._resumed = False  # the cursor is where an earlier connection or poll ended
        self._reason = "the websocket is switched off"
        self._socket: Socket | None = None  # written by the feed thread; others only abort it
        self._stopping = threading.Event()
        self._wake = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"feed-{location}", daemon=True)

    def start(self) -> None:
        """Start the thread; a feed runs once."""
        self._thread.start()

    def stop(self, timeout_s: float = 0.8) -> bool:
        """End the thread and say whether it has ended; no call to the consumer begins afterwards, in either case.

        What cannot be woken is a request that waits for an answer: it ends by its own timeout.
        """
        self._consumer.close()
        self._stopping.set()
        self._wake.set()
        until = time.monotonic() + timeout_s
        while self._joinable() and time.monotonic() < until:
            if socket := self._socket:
                socket.abort()
            self._thread.join(STOP_CHECK_S)
        return not self._thread.is_alive()

    def retry_now(self) -> None:
        """Cut short the wait for the next attempt; while polling, try the websocket at once."""
        self._wake.set()

    @property
    def status(self) -> FeedStatus:
        return replace(self._reporter.status, bytes_per_minute=self._meter.per_minute())

    def log(self) -> list[Transition]:
        """Return the last transitions of the connection, oldest first."""
        return self._transitions.read()

    def _joinable(self) -> bool:
        return self._thread.is_alive() and self._thread is not threading.current_thread()

    def _run(self) -> None:
        with contextlib.closing(self._api):
            if not (self._endpoint.websocket or self._endpoint.polling):
                self._reporter.show("error", "websocket and polling are both switched off: nothing arrives")
                return
            self._reporter.show("connecting", f"connecting to {self._endpoint.socket_url}")
            while not self._stopping.is_set():
                self._take_turn()

    def _take_turn(self) -> None:
        polling = self._polls_now()
        try:
            if polling:
                self._poll()
            else:
                self._follow()
        except Exception as failure:
            if not self._stopping.is_set():
                self._failed(failure, polling)

    def _polls_now(self) -> bool:
        if not self._endpoint.websocket:
            return True
        exhausted = self._endpoint.polling and self._attempts.count >= self._endpoint.attempts
        return exhausted and self._clock.monotonic() < self._probe_at

    def _follow(self) -> None:
        self._find_position()
        conversation = Conversation(self._stream, self.location, self._endpoint.token)
        with self._opened() as socket:
            while not self._stopping.is_set():
                for action in conversation.receive(*socket.receive()):
                    self._act(action, socket)

    @contextlib.contextmanager
    def _opened(self) -> Iterator[Socket]:
        self._socket = socket = Socket(self._endpoint, self._meter.add)
        try:
            socket.open()
            yield socket
        finally:
            self._socket = None
            socket.close()

    def _act(self, action: Action, socket: Socket) -> None:
        match action:
            case Send(frame):
                socket.send(frame)
            case Live():
                socket.watch(self._timing.silence_s)
                self._connected()
            case Deliver(events):
                self._deliver(events)
            case _:
                assert_never(action)

    def _connected(self) -> None:
        self._attempts.connected(self._clock.monotonic())
        self._reporter.connected(self._resumed)
        self._resumed = True
        self._reporter.show("connected", "live", reachable=True)

    def _poll(self) -> None:
        self._find_position()
        while self._read_page() and not self._stopping.is_set():
            pass
        now = self._clock.monotonic()
        if self._unanswered and self._endpoint.websocket:
            self._probe_at = now  # the server is back: its websocket may be as well
        self._unanswered = False
        self._resumed = True
        delay = self._endpoint.poll_interval_s
        if self._endpoint.websocket:
            delay = min(delay, self._probe_at - now)
        self._reporter.show(
            "disconnected", self._polling(), retry_in_s=delay, reachable=True, attempts=self._attempts.count
        )
        self._wait(delay)

    def _read_page(self) -> bool:
        cursor = self._stream.here()
        page = self._api.page(cursor)
        self._stream.resume(page.epoch, page.recovered, page.oldest)
        fresh = self._stream.admit(page.events, cursor.seq)
        if fresh:
            self._deliver(fresh)
        return page.full and bool(fresh)

    def _find_position(self) -> None:
        if self._stream.cursor is not None:
            return
        cursor, state = self._api.checkpoint()
        self._stream.restart(cursor)
        self._resumed = False
        self._reporter.restarted()
        self._consumer.restart(state, cursor)
        self._reporter.moved(self._stream.cursor)

    def _deliver(self, events: list[Event]) -> None:
        self._consumer.deliver(events, self._clock.time())
        self._reporter.moved(self._stream.cursor)

    def _failed(self, failure: Exception, polling: bool) -> None:
        self._note(failure)
        verdict, now = retry_or_fatal(failure), self._clock.monotonic()
        if polling:
            self._unanswered = True
            step = after_poll(verdict, self._endpoint, self._timing)
        else:
            jitter_s = self._attempts.failed(now)
            step = after_attempt(verdict, self._attempts.count, jitter_s, self._endpoint, self._timing)
            self._probe_at = now + (step.delay_s or self._timing.probe_s)
            self._reason = verdict.sentence
        probed = not polling and self._reporter.status.state == "disconnected"
        self._reporter.show(
            step.state,
            self._polling() if step.state == "disconnected" and not polling else verdict.sentence,
            retry_in_s=step.delay_s,
            reachable=probed and self._reporter.status.reachable,
            attempts=self._attempts.count,
        )
        self._wait(step.delay_s)

    def _note(self, failure: Exception) -> None:
        if isinstance(failure, PositionLost):
            self._stream.forget(failure)
        elif isinstance(failure, Gap):
            self._reporter.gap()
        elif not isinstance(failure, FeedFailure):
            _log.error("the feed failed by its own fault and goes on", exc_info=failure)

    def _polling(self) -> str:
        return f"asking every {self._endpoint.poll_interval_s:g} s instead: {self._reason}"

    def _wait(self, seconds: float) -> None:
        if self._wake.wait(max(0.0, seconds)):
            self._wake.clear()
            self._probe_at = self._clock.monotonic()
