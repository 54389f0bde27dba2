"""Delivery: one thread that carries what waits in the spool to the server, in order, until the server has it."""

import logging
import math
import time
from threading import Condition, Thread
from threading import Event as Flag

import orjson

from jorge_data.backoff import Backoff
from jorge_data.bots.client import Client, Receipt, joined
from jorge_data.bots.spool import Spool, Waiting
from jorge_data.errors import Invalid, JorgeError, RequestRefused, TooLarge, TooMany, Unavailable
from jorge_data.events.validation import MAX_EVENTS

log = logging.getLogger("jorge_data.bots")

_REFUSED = Backoff(base_s=60, cap_s=60)
"""After what does not pass by itself: half a minute on average, however often."""

_LINGER_S = 0.005
"""What the first of several events waits for the others: a bot's burst is one request, and is not slowed by it."""


class SpoolSender:
    """Carries the spool to the server; whatever the server does, nothing leaves the spool without its answer.

    A server that is away, busy or limiting is tried again for ever, with full jitter and its Retry-After.
    One that refuses the publisher itself (a bad token) is asked again every half a minute or so.
    One that refuses a whole publish for what is in it gets it in halves, until the one event is found.
    """

    def __init__(self, spool: Spool, api_url: str, token: str) -> None:
        self._spool = spool
        self._stop = Flag()
        self._wake = Flag()
        self._most = MAX_EVENTS
        self._client = Client(api_url, token, give_up_s=math.inf, stop=self._stop, on_retry=self._failed)
        self._settled = Condition()  # guards `trouble`, and tells of each answer of the server
        self.trouble: JorgeError | None = None
        self._thread = Thread(target=self._run, name=f"delivery of {spool.path.name}", daemon=True)
        self._thread.start()

    def wake(self) -> None:
        """Say that an event waits."""
        if not self._wake.is_set():
            self._wake.set()

    def flush(self, timeout_s: float) -> bool:
        """Wait until the server has answered for all that waits now; False after the time, or where it will not be."""
        target = self._spool.added
        deadline = time.monotonic() + timeout_s
        self.wake()
        with self._settled:
            while self._spool.settled < target and not self._is_hopeless():
                left = deadline - time.monotonic()
                if left <= 0 or not self._thread.is_alive():
                    break
                self._settled.wait(left)
            return self._spool.settled >= target

    def close(self, timeout_s: float) -> None:
        """Stop after the request under way; what waits stays in the spool."""
        self._stop.set()
        self._wake.set()
        self._thread.join(timeout_s)
        self._client.close()

    def _is_hopeless(self) -> bool:
        return isinstance(self.trouble, RequestRefused) and not isinstance(self.trouble, TooMany | Unavailable)

    def _run(self) -> None:
        while not self._stop.is_set():
            self._wake.clear()
            try:
                batch = self._spool.first(self._most)
                if not batch:
                    self._wake.wait()
                    self._stop.wait(_LINGER_S)
                    continue
                self._carry(batch)
            except JorgeError as error:
                self._pause(error)
            except Exception:  # a thread that dies would stop the bot's voice for good
                log.exception("events of %s were not delivered", self._spool.path)
                self._stop.wait(_REFUSED.delay_s(1))

    def _carry(self, batch: list[Waiting]) -> None:
        try:
            receipts = self._client.send(joined(waiting.body for waiting in batch))
        except (TooLarge, Invalid) as refusal:
            if len(batch) > 1:
                self._most = len(batch) // 2
                return
            receipts = [Receipt(None, error=refusal.as_json()["error"])]
        self._spool.settle(batch, _refused(batch, receipts))
        self._most = min(MAX_EVENTS, 2 * self._most)
        self._note(None)

    def _pause(self, error: JorgeError) -> None:
        self._failed(error)
        if not self._stop.is_set():
            self._stop.wait(_REFUSED.delay_s(1))

    def _failed(self, error: JorgeError) -> None:
        if self.trouble is None and not self._stop.is_set():
            log.warning("%d events wait in %s: %s", self._spool.pending, self._spool.path, error)
        self._note(error)

    def _note(self, trouble: JorgeError | None) -> None:
        with self._settled:
            if self.trouble is not None and trouble is None:
                log.info("events of %s are delivered again", self._spool.path)
            self.trouble = trouble
            self._settled.notify_all()


def _refused(batch: list[Waiting], receipts: list[Receipt]) -> list[tuple[Waiting, str]]:
    """Return the refused with their reasons; raise Unavailable where the answer is not one for these events."""
    if len(receipts) != len(batch):
        raise Unavailable(
            f"{len(batch)} events were sent and {len(receipts)} answered for: this is not the event server"
        )
    refused = [
        (waiting, orjson.dumps(receipt.error).decode())
        for waiting, receipt in zip(batch, receipts, strict=True)
        if receipt.error
    ]
    for _, reason in refused:
        log.warning("the server refused an event: %s", reason)
    return refused
