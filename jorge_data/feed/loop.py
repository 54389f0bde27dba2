"""What the feed thread does all day: follow the websocket; come back; poll when that keeps failing."""

import contextlib
import logging
import threading
from collections.abc import Callable, Iterator
from typing import assert_never

from jorge_data.backoff import Attempts, Backoff
from jorge_data.events import Event
from jorge_data.feed.consumer import Guard
from jorge_data.feed.endpoint import Clock, Endpoint, Timing
from jorge_data.feed.failures import (
    FailureVerdict,
    FeedFailure,
    Gap,
    PositionLost,
    after_attempt,
    after_poll,
    retry_or_fatal,
)
from jorge_data.feed.polling import PollingClient
from jorge_data.feed.position import LogPosition
from jorge_data.feed.protocol import Action, Deliver, FeedProtocol, Live, Send
from jorge_data.feed.status import Meter
from jorge_data.feed.status_reporter import Reporter
from jorge_data.feed.websocket import FeedSocket

_log = logging.getLogger(__name__)


class Loop:
    """Take turns until stopped; a turn is one connection's life or one poll, and no failure ends more than its turn.

    `stop`, `hurry` and `reporter` are for any thread; all else happens in the one that runs.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        location: str,
        consumer: Guard,
        clock: Clock,
        random: Callable[[], float],
        history: int,
        timing: Timing,
    ) -> None:
        self._endpoint = endpoint
        self._location = location
        self._timing = timing
        self._clock = clock
        self._consumer = consumer
        self._meter = Meter(clock.monotonic)
        self.reporter = Reporter(location, clock, consumer, self._meter)
        self._api = PollingClient(endpoint, location, self._meter.add)
        self._stream = LogPosition(history)
        backoff = Backoff(timing.backoff_base_s, timing.backoff_cap_s, random=random)
        self._attempts = Attempts(backoff, timing.healthy_s)
        self._probe_at = 0.0  # monotonic; while polling, when the websocket is tried next
        self._unanswered = False  # the poll before this one failed
        self._resumed = False  # the cursor is where an earlier connection or poll ended
        self._reason = "the websocket is switched off"
        self._socket: FeedSocket | None = None  # set by the thread that runs; others only abort it
        self._stopping = threading.Event()
        self._wake = threading.Event()

    def run(self) -> None:
        """Take turns until stopped."""
        with contextlib.closing(self._api):
            if not (self._endpoint.websocket or self._endpoint.polling):
                self.reporter.show("error", "websocket and polling are both switched off: nothing arrives")
                return
            self.reporter.show("connecting", f"connecting to {self._endpoint.socket_url}")
            while not self._stopping.is_set():
                self._take_turn()

    def stop(self) -> None:
        """End the turn under way, whatever it waits for, and take no other."""
        self._stopping.set()
        self._wake.set()
        if socket := self._socket:
            socket.abort()

    def hurry(self) -> None:
        """Do not wait for the next turn, and let it be a websocket."""
        self._wake.set()

    def _take_turn(self) -> None:
        turn, failed = (self._poll, self._poll_failed) if self._polls_now() else (self._follow, self._attempt_failed)
        try:
            turn()
        except Exception as failure:
            if not self._stopping.is_set():
                self._note(failure)
                failed(retry_or_fatal(failure))

    def _polls_now(self) -> bool:
        if not self._endpoint.websocket:
            return True
        exhausted = self._endpoint.polling and self._attempts.count >= self._endpoint.attempts
        return exhausted and self._clock.monotonic() < self._probe_at

    def _follow(self) -> None:
        self._find_position()
        conversation = FeedProtocol(self._stream, self._location, self._endpoint.token)
        with self._opened() as socket:
            while not self._stopping.is_set():
                for action in conversation.receive(*socket.receive()):
                    self._act(action, socket)

    @contextlib.contextmanager
    def _opened(self) -> Iterator[FeedSocket]:
        self._socket = socket = FeedSocket(self._endpoint, self._meter.add)
        try:
            socket.open()
            yield socket
        finally:
            self._socket = None
            socket.close()

    def _act(self, action: Action, socket: FeedSocket) -> None:
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
        self.reporter.connected(self._resumed)
        self._resumed = True
        self.reporter.show("connected", "live", reachable=True)

    def _poll(self) -> None:
        self._find_position()
        while self._read_page() and not self._stopping.is_set():
            pass
        delay_s = self._answered(self._clock.monotonic())
        count = self._attempts.count
        self.reporter.show("disconnected", self._instead(), retry_in_s=delay_s, reachable=True, attempts=count)
        self._wait(delay_s)

    def _answered(self, now: float) -> float:
        if self._unanswered:
            self._probe_at = now  # the server is back: its websocket may be as well
        self._unanswered, self._resumed = False, True
        until_probe_s = self._probe_at - now if self._endpoint.websocket else float("inf")
        return min(self._endpoint.poll_interval_s, until_probe_s)

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
        self.reporter.restarted(self._stream.restart(cursor))
        self._resumed = False
        self._consumer.restart(state, cursor)

    def _deliver(self, events: list[Event]) -> None:
        self._consumer.deliver(events, self._clock.time())
        self.reporter.moved(self._stream.here())

    def _note(self, failure: Exception) -> None:
        if isinstance(failure, PositionLost):
            self._stream.forget(failure)
        elif isinstance(failure, Gap):
            self.reporter.gap()
        elif not isinstance(failure, FeedFailure):
            _log.error("the feed failed by its own fault and goes on", exc_info=failure)

    def _poll_failed(self, verdict: FailureVerdict) -> None:
        self._unanswered = True
        state, delay_s = after_poll(verdict, self._endpoint, self._timing)
        self.reporter.show(state, verdict.sentence, retry_in_s=delay_s, attempts=self._attempts.count)
        self._wait(delay_s)

    def _attempt_failed(self, verdict: FailureVerdict) -> None:
        now, before = self._clock.monotonic(), self.reporter.status
        jitter_s = self._attempts.failed(now)
        count = self._attempts.count
        state, delay_s = after_attempt(verdict, count, jitter_s, self._endpoint, self._timing)
        self._probe_at = now + (delay_s or self._timing.probe_s)
        self._reason = verdict.sentence
        sentence = self._instead() if state == "disconnected" else verdict.sentence
        reachable = before.reachable and before.state == "disconnected"  # a failed probe says nothing of the polls
        self.reporter.show(state, sentence, retry_in_s=delay_s, reachable=reachable, attempts=count)
        self._wait(delay_s)

    def _instead(self) -> str:
        return f"asking every {self._endpoint.poll_interval_s:g} s instead: {self._reason}"

    def _wait(self, seconds: float) -> None:
        if self._wake.wait(max(0.0, seconds)):
            self._wake.clear()
            self._probe_at = self._clock.monotonic()
