"""Publishers of every kind: each sends an event again and again under its own id until it is acknowledged."""

import contextlib
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import requests
from websockets.exceptions import WebSocketException
from websockets.sync.client import ClientConnection, connect

from jorge_data.bots import Publisher as BotPublisher
from tests.chaos.load import Worker

ANSWER_S = 2.0
"""How long a publisher waits for an answer before it sends the same again."""

RETRY_S = 0.05

DELIVERED_WITHIN_S = 90.0
"""How long a bot's spool may take at the end: after a refusal it is tried again every half a minute or so."""

Batch = list[dict[str, Any]]


@dataclass(frozen=True)
class Place:
    """Where a load publishes and reads: one location of one server, each way by a port of its own."""

    location: str
    publish_port: int
    read_port: int
    token: str = field(repr=False)

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}


class Acknowledged(dict[str, set[tuple[str, int]]]):
    """Every position that an event was acknowledged at, by the event's id: one, unless the log began anew."""

    def add(self, result: dict[str, Any]) -> None:
        self.setdefault(result["id"], set()).add((result["epoch"], result["seq"]))


class Sender(Worker):
    """Publishes events of its own until it is stopped."""

    def __init__(self, place: Place, name: str) -> None:
        super().__init__(name)
        self.name = name
        self.place = place
        self.sent: dict[str, float] = {}  # when each event was first sent; in the order of publishing


class ChaosPublisher(Sender):
    """Publishes until it is stopped, and then until the last of its events is acknowledged."""

    kind = ""
    pause_s = 0.05
    most = 1
    """Events at once."""

    def __init__(self, place: Place, name: str) -> None:
        super().__init__(place, name)
        self.acked = Acknowledged()
        self.acked_at: list[float] = []  # of the first acknowledgement of each event
        self.retries = 0
        self.duplicates = 0  # sent again though it was kept: answered with its first position

    def _run(self) -> None:
        numbers = count()
        with contextlib.ExitStack() as stack:
            self._open(stack)
            for number in numbers:
                if self._stop.wait(self.pause_s):
                    return
                size = 1 + number % self.most
                self._publish([self._event(f"{number}-{n}") for n in range(size)])

    def _event(self, number: str) -> dict[str, Any]:
        data = {"bot_type": "jorge-seller", "status": "processing", "current_step": f"step {number}"}
        event = {"id": f"{self.name}-{number}", "source": self.name, "type": "bot_status_update", "data": data}
        return event | {"locationid": self.place.location}

    def _publish(self, batch: Batch) -> None:
        self.sent |= {event["id"]: time.monotonic() for event in batch}
        while not self._accepted(batch):
            self.retries += 1
            if self._stop.wait(RETRY_S):
                time.sleep(RETRY_S)  # stopped, and still not acknowledged: it goes on, but not in a spin
        self._notify()

    def _accepted(self, batch: Batch) -> bool:
        results = self._send(batch)
        if results is None or any("seq" not in result for result in results):
            return False
        for event, result in zip(batch, results, strict=True):
            assert result.get("id", event["id"]) == event["id"], (event, result)
            self.acked.add({"id": event["id"]} | result)
            self.duplicates += bool(result["duplicate"])
            self.acked_at.append(time.monotonic())
        return True

    def _open(self, stack: contextlib.ExitStack) -> None:
        """Open what is closed at the end."""

    def _send(self, batch: Batch) -> list[dict[str, Any]] | None:
        """Return the answer to each event; None where there is none."""
        raise NotImplementedError


class ByHTTP(ChaosPublisher):
    """One event a request."""

    kind = "HTTP"

    def _open(self, stack: contextlib.ExitStack) -> None:
        self._session = stack.enter_context(requests.Session())
        self._session.trust_env = False
        self._session.headers.update(self.place.headers)

    def _send(self, batch: Batch) -> list[dict[str, Any]] | None:
        url = f"http://127.0.0.1:{self.place.publish_port}/events"
        try:
            answer = self._session.post(url, json=batch if self.most > 1 else batch[0], timeout=ANSWER_S)
            results: list[dict[str, Any]] = answer.json()["results"] if answer.ok else []
        except (requests.RequestException, ValueError):
            return None
        return results or None


class InBatches(ByHTTP):
    """One to eight events a request."""

    kind = "HTTP, batches"
    pause_s = 0.3
    most = 8


class BySocket(ChaosPublisher):
    """One event a frame, on a websocket."""

    kind = "websocket"
    pause_s = 0.1
    _client: ClientConnection | None = None

    def _open(self, stack: contextlib.ExitStack) -> None:
        self._connection = stack.enter_context(contextlib.ExitStack())

    def _drop(self) -> None:
        with contextlib.suppress(OSError, WebSocketException):
            self._connection.close()
        self._client = None

    def _connected(self) -> ClientConnection:
        if self._client is None:
            self._client = self._connection.enter_context(
                connect(
                    f"ws://127.0.0.1:{self.place.publish_port}",
                    additional_headers=self.place.headers,
                    proxy=None,
                    open_timeout=ANSWER_S,
                    close_timeout=0.2,
                    ping_interval=None,
                )
            )
        return self._client

    def _send(self, batch: Batch) -> list[dict[str, Any]] | None:
        ref = batch[0]["id"]
        try:
            client = self._connected()
            client.send(json.dumps({"type": "publish", "ref": ref, "events": batch}))
            until = time.monotonic() + ANSWER_S
            while True:
                frame = json.loads(client.recv(max(0.0, until - time.monotonic())))
                if frame["type"] == "ack" and frame["ref"] == ref:
                    results: list[dict[str, Any]] = frame["results"]
                    return results
                if frame["type"] == "error" and frame.get("ref") == ref:
                    return None
        except (OSError, WebSocketException):  # TimeoutError is an OSError
            self._drop()
            return None


class Bot(Sender):
    """The publisher that bots import, with its spool: what it has taken is delivered, whatever happens meanwhile."""

    kind = "bots.Publisher"

    def __init__(self, place: Place, name: str, spool: Path) -> None:
        super().__init__(place, name)
        self.delivered = False  # all of it, at the end
        self.trouble = ""
        self._spool = spool

    def _run(self) -> None:
        with contextlib.closing(self._publisher()) as publisher:
            while not self._stop.wait(0.15):
                event = publisher.publish("bot_status_update", {"bot_type": self.name, "status": "processing"})
                self.sent[event] = time.monotonic()
                self._notify()
            ends = time.monotonic() + DELIVERED_WITHIN_S
            while publisher.pending and time.monotonic() < ends:
                if not publisher.flush(5):  # at once, where what it waits for is a token, or a clock
                    time.sleep(0.5)
            self.delivered = not publisher.pending and not publisher.refused()
            self.trouble = f"{publisher.pending} wait: {publisher.trouble}; refused: {publisher.refused()[:1]}"

    def __exit__(self, *error: object) -> None:
        self._stop.set()
        self._thread.join(DELIVERED_WITHIN_S + 10)
        assert not self._thread.is_alive(), self.name

    def _publisher(self) -> BotPublisher:
        url = f"http://127.0.0.1:{self.place.publish_port}"
        return BotPublisher(url, self.place.token, source=self.name, location=self.place.location, spool=self._spool)


def chaos_publishers(place: Place, prefix: str) -> Iterator[ChaosPublisher]:
    """Yield one of each kind that is told where its events stand."""
    for number, kind in enumerate((ByHTTP, InBatches, BySocket)):
        yield kind(place, f"{prefix}-p{number}")
