"""The feed of one location: a thread that follows the websocket, comes back, and polls when that keeps failing."""

import contextlib
import logging
import random as _random
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import assert_never

from jorge_data.backoff import Attempts, Backoff
from jorge_data.events import Event
from jorge_data.feed.consumer import Consumer, Guard
from jorge_data.feed.endpoint import Clock, Endpoint, OneToken, Timing, TokenSource
from jorge_data.feed.failures import (
    FeedFailure,
    Gap,
    NoToken,
    PositionLost,
    RetryDecision,
    after_attempt,
    after_poll,
    is_of_token,
    retry_or_fatal,
)
from jorge_data.feed.polling import PollingClient
from jorge_data.feed.position import LogPosition
from jorge_data.feed.protocol import Action, Deliver, FeedProtocol, Forget, PassOver, Send, Subscribed, TakeFigures
from jorge_data.feed.status import LOST, FeedStatus, Transition
from jorge_data.feed.status_reporter import StatusReporter
from jorge_data.feed.websocket import FeedSocket

HISTORY = 1000
ABORT_EVERY_S = 0.05

_log = logging.getLogger(__name__)


class Feed:
    """Bring every event of a location to one consumer, in order and once, as long as it runs.

    The thread takes turns until stopped: a turn is one connection's life or one poll, and no failure ends more than
    its turn. What is public is for any thread; all else happens in the feed's own.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        location: str,
        consumer: Consumer,
        *,
        tokens: TokenSource | None = None,
        clock: Clock = time,
        random: Callable[[], float] = _random.random,
        history: int = HISTORY,
        timing: Timing | None = None,
    ) -> None:
        """`tokens`: by which it reads; without them, by the endpoint's one."""
        self.location = location
        self._endpoint = endpoint
        self._tokens = tokens or OneToken(endpoint.token)
        self._by = OneToken()  # the token of the turn under way; no string, which a traceback would show
        self._token_look_at = 0.0  # monotonic
        self._timing = timing = timing or Timing()
        self._clock = clock
        self._consumer = Guard(consumer)
        self._reporter = StatusReporter(location, clock, self._consumer)
        self._polling = PollingClient(endpoint, location, self._reporter.heard)
        self._position = LogPosition(history)
        backoff = Backoff(timing.backoff_base_s, timing.backoff_cap_s, random=random)
        self._attempts = Attempts(backoff, timing.healthy_s)
        self._probe_at = 0.0  # monotonic; while polling, when the websocket is tried next
        self._poll_failed = False  # the poll before this one
        self._resumed = False  # the cursor is where an earlier connection or poll ended
        self._reason = "the websocket is switched off"
        self._socket: FeedSocket | None = None  # set by the feed's thread; others only abort it
        self._stopping = threading.Event()
        self._wake = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"feed-{location}", daemon=True)

    def start(self) -> None:
        """Start the thread; a feed runs once."""
        self._thread.start()

    def stop(self, timeout_s: float = 0.8) -> bool:
        """End the thread and return whether it has ended; no call to the consumer begins afterwards, in either case.

        What cannot be woken is an HTTP request that waits for its response: it ends by the endpoint's timeout.
        """
        self._consumer.close()
        deadline = time.monotonic() + timeout_s
        self._abort()
        while self._can_be_joined() and time.monotonic() < deadline:
            self._thread.join(ABORT_EVERY_S)
            self._abort()  # again: a socket may have been opened between the call before and its check
        return not self._thread.is_alive()

    def retry_now(self) -> None:
        """Cut short the wait for the next attempt; while polling, try the websocket at once."""
        self._wake.set()

    @property
    def status(self) -> FeedStatus:
        return self._reporter.status

    def log(self) -> list[Transition]:
        """Return the last transitions of the connection, oldest first."""
        return self._reporter.log()

    def _can_be_joined(self) -> bool:
        return self._thread.is_alive() and self._thread is not threading.current_thread()

    def _abort(self) -> None:
        """End the turn under way, whatever it waits for, and take no other."""
        self._stopping.set()
        self._wake.set()
        if socket := self._socket:
            socket.abort()

    def _run(self) -> None:
        with contextlib.closing(self._polling):
            if not (self._endpoint.websocket or self._endpoint.polling):
                self._reporter.show("error", "websocket and polling are both switched off: nothing arrives")
                return
            self._reporter.show("connecting", f"connecting to {self._endpoint.socket_url}")
            while not self._stopping.is_set():
                self._take_turn()

    def _take_turn(self) -> None:
        if self._should_poll():
            turn, after_failure = self._poll, self._after_failed_poll
        else:
            turn, after_failure = self._follow, self._after_failed_attempt
        try:
            self._by = OneToken(self._tokens.current())
            self._polling.use(self._by.token)
            turn()
        except Exception as failure:
            if not self._stopping.is_set():
                self._record(failure)
                if not (is_of_token(failure) and self._has_other_token()):
                    after_failure(retry_or_fatal(failure, self._tokens.is_of_person))

    def _has_other_token(self) -> bool:
        """Return whether there is a token beside the one that was just refused: then the next turn begins at once."""
        self._tokens.refused(self._by.token)
        return self._is_token_replaced()

    def _is_token_replaced(self) -> bool:
        """Return whether the next turn would be by another token, or by none."""
        self._token_look_at = self._clock.monotonic() + self._timing.token_look_s
        try:
            return self._tokens.current() != self._by.token
        except NoToken:
            return True
        except FeedFailure:  # nobody says so now
            return False

    def _should_poll(self) -> bool:
        if not self._endpoint.websocket:
            return True
        exhausted = self._endpoint.polling and self._attempts.count >= self._endpoint.attempts
        return exhausted and self._clock.monotonic() < self._probe_at

    def _follow(self) -> None:
        self._ensure_position()
        protocol = FeedProtocol(self._position, self.location, self._by.token)
        self._token_look_at = self._clock.monotonic() + self._timing.token_look_s
        with self._open_socket() as socket:
            while not self._stopping.is_set():
                for action in protocol.receive(*socket.receive()):
                    self._act(action, socket)
                if self._clock.monotonic() >= self._token_look_at and self._is_token_replaced():
                    return  # and the next turn goes on where this one ends

    @contextlib.contextmanager
    def _open_socket(self) -> Iterator[FeedSocket]:
        self._socket = socket = FeedSocket(replace(self._endpoint, token=self._by.token), self._reporter.heard)
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
            case Subscribed(heartbeat_s):
                self._reporter.beats(heartbeat_s)
                socket.watch(self._timing.silence_s or LOST * heartbeat_s)
                self._attempts.connected(self._clock.monotonic())
                self._reporter.connected(self._resumed)
                self._resumed = True
                self._reporter.show("connected", "live", reachable=True)
            case Deliver(events):
                self._deliver(events)
            case TakeFigures(changed, as_of):
                self._consumer.take_figures(changed, as_of)
            case Forget(contact):
                self._consumer.forget(contact)
            case PassOver(detail):
                self._reporter.note(detail)
                self._reporter.moved(self._position.current())
            case _:
                assert_never(action)

    def _poll(self) -> None:
        self._ensure_position()
        figures = self._polling.figures()  # before the events, so that these reach as far at least
        while self._read_page() and not self._stopping.is_set():
            pass
        self._consumer.take_figures(*figures)
        now, count = self._clock.monotonic(), self._attempts.count
        if self._poll_failed:
            self._probe_at = now  # the server is back: its websocket may be as well
        self._poll_failed, self._resumed = False, True
        until_probe_s = self._probe_at - now if self._endpoint.websocket else float("inf")
        delay_s = min(self._endpoint.poll_interval_s, until_probe_s)
        self._reporter.show("disconnected", self._instead(), retry_in_s=delay_s, reachable=True, attempts=count)
        self._wait(delay_s)

    def _read_page(self) -> bool:
        cursor = self._position.current()
        page = self._polling.page(cursor)
        self._position.resume(page.epoch, page.recovered, page.oldest)
        for contact in page.forget:
            self._consumer.forget(contact)
        events = self._position.admit(page.events, cursor.seq)
        if events:
            self._deliver(events)
        for first, last in page.unreadable:
            self._reporter.note(f"positions {first} to {last} cannot be read: the log goes on at {last + 1}")
            self._position.pass_over(last)
        self._position.pass_over(page.position)  # what is between is not for this reader
        return page.full and self._position.current().seq > cursor.seq

    def _ensure_position(self) -> None:
        if self._position.cursor is not None:
            return
        top, oldest = self._polling.top()
        cursor = self._position.restart(top, oldest)
        self._reporter.restarted(cursor)
        self._resumed = False
        self._consumer.restart(cursor)

    def _deliver(self, events: list[Event]) -> None:
        self._consumer.deliver(events, self._clock.time())
        self._reporter.moved(self._position.current())

    def _record(self, failure: Exception) -> None:
        if isinstance(failure, PositionLost):
            self._position.clear(failure)
        elif isinstance(failure, Gap):
            self._reporter.gap()
        elif not isinstance(failure, FeedFailure):
            _log.error("the feed failed by its own fault and goes on", exc_info=failure)

    def _after_failed_poll(self, decision: RetryDecision) -> None:
        self._poll_failed = True
        state, delay_s = after_poll(decision, self._endpoint, self._timing)
        self._reporter.show(state, decision.detail, retry_in_s=delay_s, attempts=self._attempts.count)
        self._wait(delay_s)

    def _after_failed_attempt(self, decision: RetryDecision) -> None:
        now, before = self._clock.monotonic(), self._reporter.status
        jitter_s = self._attempts.failed(now)
        count = self._attempts.count
        state, delay_s = after_attempt(decision, count, jitter_s, self._endpoint, self._timing)
        self._probe_at = now + (delay_s or self._timing.probe_s)
        self._reason = decision.detail
        detail = self._instead() if state == "disconnected" else decision.detail
        reachable = before.reachable and before.state == "disconnected"  # a failed probe is no news of the polls
        self._reporter.show(state, detail, retry_in_s=delay_s, reachable=reachable, attempts=count)
        self._wait(delay_s)

    def _instead(self) -> str:
        return f"asking every {self._endpoint.poll_interval_s:g} s instead: {self._reason}"

    def _wait(self, seconds: float) -> None:
        if self._wake.wait(max(0.0, seconds)):
            self._wake.clear()
            self._probe_at = self._clock.monotonic()
