"""Load for the chaos tests: publishers that retry until acknowledged, readers that resume until stopped."""

import contextlib
import json
import threading
from collections.abc import Callable
from typing import Any, Self

import requests
from websockets.exceptions import ConnectionClosed, WebSocketException
from websockets.sync.client import ClientConnection, connect

from tests.served import Served, bot_status
from tests.server.clients import events_of

PATIENCE_S = 60.0  # costs only where something fails; the machine may be busy with other work
RETRY_S = 0.05


class Worker:
    """A thread that works until it is stopped, and can be waited for to get somewhere."""

    def __init__(self, name: str) -> None:
        self._stop = threading.Event()
        self._moved = threading.Condition()  # guards nothing but the wait: one thread writes, others only read
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def _run(self) -> None:
        raise NotImplementedError

    def _notify(self) -> None:
        with self._moved:
            self._moved.notify_all()

    def wait_until(self, condition: Callable[[], bool]) -> None:
        """Return when something has come true of what this worker does."""
        with self._moved:
            assert self._moved.wait_for(condition, PATIENCE_S), f"{self._thread.name}: {vars(self)}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._stop.set()
        self._thread.join(PATIENCE_S)
        assert not self._thread.is_alive(), self._thread.name


class Publisher(Worker):
    """Publishes one event after another, each under its own id again and again until it is acknowledged."""

    def __init__(self, served: Served, location: str, name: str, pause_s: float = 0.002) -> None:
        super().__init__(name)
        self.acked: dict[str, int] = {}
        self._served, self._location, self._pause_s = served, location, pause_s

    def _run(self) -> None:
        number, headers = 0, self._served.bearer("publisher")
        with requests.Session() as session:
            session.headers.update(headers)
            while not self._stop.wait(self._pause_s):
                number += 1
                event = bot_status(number, id=f"{self._thread.name}-{number}", locationid=self._location)
                while not self._publish(session, event):
                    self._stop.wait(RETRY_S)

    def _publish(self, session: requests.Session, event: dict[str, Any]) -> bool:
        try:
            answer = session.post(f"{self._served.url}/events", json=event, timeout=2)
        except requests.RequestException:
            return False
        if answer.ok:
            self.acked[event["id"]] = answer.json()["results"][0]["seq"]
            self._notify()
        return answer.ok

    def wait_for_more(self, count: int) -> None:
        goal = len(self.acked) + count
        self.wait_until(lambda: len(self.acked) >= goal)


class Reader(Worker):
    """Reads a location from its beginning, and goes on from its cursor after whatever happens to its connection.

    It never ends a connection itself but after silence_s without a frame, so that what it counts in `cut` is what the
    server or the network did to it.
    """

    def __init__(self, port: int, location: str, name: str = "reader", silence_s: float = PATIENCE_S) -> None:
        super().__init__(name)
        self.seqs: list[int] = []
        self.ids: list[str] = []
        self.faults: list[object] = []
        self.breaks = 0
        self.codes: list[int] = []
        self.cut = 0
        self.refused = 0
        self._port, self._location, self._silence_s = port, location, silence_s
        self._cursor: dict[str, Any] = {"epoch": "", "seq": 0}

    @property
    def position(self) -> int:
        return len(self.seqs)

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self._read()
            except ConnectionClosed as closed:
                self.codes += [closed.rcvd.code] if closed.rcvd else []
                self.cut += 1
            except ConnectionRefusedError:
                self.refused += 1
                self._notify()
            except (OSError, WebSocketException):  # TimeoutError is an OSError
                pass
            self._stop.wait(RETRY_S)

    def _read(self) -> None:
        url = f"ws://127.0.0.1:{self._port}"
        with connect(url, proxy=None, open_timeout=2, close_timeout=0.2, max_size=None, ping_interval=None) as client:
            client.send(json.dumps({"type": "subscribe", "location": self._location, "after": self._cursor}))
            while not self._stop.is_set():
                self._take(self._next(client))

    def _next(self, client: ClientConnection) -> dict[str, Any]:
        """Return the next frame; check now and then whether to stop."""
        waited = 0.0
        while True:
            with contextlib.suppress(TimeoutError):
                frame: dict[str, Any] = json.loads(client.recv(0.1))
                return frame
            waited += 0.1
            if waited >= self._silence_s or self._stop.is_set():
                raise TimeoutError

    def _take(self, frame: dict[str, Any]) -> None:
        if frame["type"] == "subscribed" and not frame["recovered"]:
            self.faults.append(frame["top"])
        if frame["type"] not in ("event", "events"):
            return
        if frame["prev"] != self._cursor["seq"]:
            self.breaks += 1
            raise ConnectionResetError("something before this frame is missing: resume")
        for event in events_of(frame):
            self.seqs.append(event["seq"])
            self.ids.append(event["id"])
        self._cursor = {"epoch": event["epoch"], "seq": event["seq"]}
        self._notify()


def check(publishers: list[Publisher], readers: list[Reader], breaks: int = 0) -> None:
    """Assert that every reader got every acknowledged event once, in one order, without a hole."""
    acked = {identifier: seq for publisher in publishers for identifier, seq in publisher.acked.items()}
    for reader in readers:
        reader.wait_until(lambda reader=reader: reader.position >= len(acked))  # type: ignore[misc]
        assert (reader.faults, reader.breaks <= breaks) == ([], True)
        assert reader.seqs == list(range(1, len(reader.seqs) + 1))
        assert len(set(reader.ids)) == len(reader.ids)
        assert {identifier: reader.seqs[reader.ids.index(identifier)] for identifier in acked} == acked
    assert len({tuple(reader.ids) for reader in readers}) == 1
