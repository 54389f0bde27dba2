"""Delivery: one thread that sends what waits in the spool to the server, in order, until the server has it."""

import logging
import math
import time
from datetime import UTC, datetime
from threading import Condition, Thread
from threading import Event as Flag

import orjson

from jorge_data.backoff import Backoff
from jorge_data.bots.client import AHEAD, Client, Receipt, joined
from jorge_data.bots.spool import Spool, SpooledEvent
from jorge_data.errors import Invalid, JorgeError, RequestRefused, TooLarge, TooMany, Unavailable
from jorge_data.events.timestamps import MAX_AHEAD, in_words, parse_moment
from jorge_data.events.validation import MAX_EVENTS

log = logging.getLogger("jorge_data.bots")

_AFTER_REFUSAL = Backoff(base_s=60, cap_s=60)
"""After what does not pass by itself: half a minute on average, however often."""

_LINGER_S = 0.005
"""How long the first of several events waits for the others: a bot's burst is one request, and not slowed by it."""


class SpoolSender:
    """Sends the spool to the server; whatever the server does, nothing leaves the spool without its answer.

    A server that is away, busy or limiting is tried again for ever, with full jitter and its Retry-After.
    One that refuses the publisher itself (a bad token) is tried again every half a minute or so, and so is one whose
    clock is behind this machine's: what it refuses as of the future waits, with all that follows, until a clock is set.
    A publish that is refused as a whole for what is in it is sent again in halves, until the faulty event is alone.
    """

    def __init__(self, spool: Spool, api_url: str, token: str, ca_file: str | None) -> None:
        self._spool = spool
        self._stop = Flag()
        self._wake = Flag()
        self._batch_size = MAX_EVENTS
        self._client = Client(
            api_url, token, give_up_s=math.inf, stop=self._stop, on_retry=self._failed, ca_file=ca_file
        )
        self._acknowledged = Condition()  # guards `error`, notified of each response of the server
        self.error: JorgeError | None = None
        self._thread = Thread(target=self._run, name=f"delivery of {spool.path.name}", daemon=True)
        self._thread.start()

    def wake(self) -> None:
        """Wake the thread: an event waits."""
        if not self._wake.is_set():
            self._wake.set()

    def flush(self, timeout_s: float) -> bool:
        """Wait until the server has answered for all that waits now; False after the time, or where no wait helps."""
        target = self._spool.added
        deadline = time.monotonic() + timeout_s
        self.wake()
        with self._acknowledged:
            while self._spool.acknowledged < target and not self._is_hopeless():
                remaining_s = deadline - time.monotonic()
                if remaining_s <= 0 or not self._thread.is_alive():
                    break
                self._acknowledged.wait(remaining_s)
            return self._spool.acknowledged >= target

    def close(self, timeout_s: float) -> None:
        """Stop after the request under way; what waits stays in the spool."""
        self._stop.set()
        self._wake.set()
        self._thread.join(timeout_s)
        self._client.close()

    def _is_hopeless(self) -> bool:
        return isinstance(self.error, RequestRefused) and not isinstance(self.error, TooMany | Unavailable)

    def _run(self) -> None:
        while not self._stop.is_set():
            self._wake.clear()
            try:
                batch = self._spool.oldest(self._batch_size)
                if not batch:
                    self._wake.wait()
                    self._stop.wait(_LINGER_S)
                    continue
                self._send(batch)
            except JorgeError as error:
                self._pause(error)
            except Exception:  # a thread that dies would end the publishing of this bot for good
                log.exception("events of %s were not delivered", self._spool.path)
                self._stop.wait(_AFTER_REFUSAL.delay_s(1))

    def _send(self, batch: list[SpooledEvent]) -> None:
        try:
            receipts = self._client.send(joined(event.body for event in batch))
        except (TooLarge, Invalid) as refusal:
            if len(batch) > 1:
                self._batch_size = len(batch) // 2
                return
            receipts = [Receipt(None, error=refusal.as_json()["error"])]
        refused = _refused_of(batch, receipts)
        if clocks := _clocks_apart(refused):
            raise RequestRefused(clocks)
        for _, reason in refused:
            log.warning("the server refused an event: %s", reason)
        self._spool.acknowledge(batch, refused)
        self._batch_size = min(MAX_EVENTS, 2 * self._batch_size)
        self._set_error(None)

    def _pause(self, error: JorgeError) -> None:
        self._failed(error)
        if not self._stop.is_set():
            self._stop.wait(_AFTER_REFUSAL.delay_s(1))

    def _failed(self, error: JorgeError) -> None:
        if self.error is None and not self._stop.is_set():
            log.warning("%d events wait in %s: %s", self._spool.pending, self._spool.path, error)
        self._set_error(error)

    def _set_error(self, error: JorgeError | None) -> None:
        with self._acknowledged:
            if self.error is not None and error is None:
                log.info("events of %s are delivered again", self._spool.path)
            self.error = error
            self._acknowledged.notify_all()


def _refused_of(batch: list[SpooledEvent], receipts: list[Receipt]) -> list[tuple[SpooledEvent, str]]:
    """Return the refused with their reasons; raise Unavailable where the response is not one for these events."""
    if len(receipts) != len(batch):
        raise Unavailable(
            f"{len(batch)} events were sent and {len(receipts)} answered for: this is not the event server"
        )
    return [
        (event, orjson.dumps(receipt.error).decode())
        for event, receipt in zip(batch, receipts, strict=True)
        if receipt.error
    ]


def _clocks_apart(refused: list[tuple[SpooledEvent, str]]) -> str | None:
    """Return a sentence where the server refused as of the future what is not so by this machine's clock."""
    now = datetime.now(UTC)
    for event, reason in refused:
        error = orjson.loads(reason)
        if error.get("code") != AHEAD or parse_moment(orjson.loads(event.body)["time"]) > now + MAX_AHEAD:
            continue
        theirs = parse_moment(error["now"])
        by = f"{in_words((now - theirs).total_seconds())} behind this machine's"
        both = f"{theirs:%Y-%m-%dT%H:%M:%SZ}, here {now:%Y-%m-%dT%H:%M:%SZ}"
        return f"the event server's clock is {by} ({both}): events wait until one is set right"
    return None
