"""Readers of every kind: each goes on from its cursor after whatever happens, and keeps what it was given, unsorted."""

import contextlib
import http.client
import json
import socket
import time
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple
from urllib.parse import urlencode

import requests
from websockets.exceptions import ConnectionClosed, WebSocketException
from websockets.sync.client import ClientConnection, connect

from bench.chaos.publishers import Place
from jorge_data.events import Cursor, Event
from jorge_data.feed import Endpoint, Feed, FeedStatus, Timing
from tests.chaos.load import Worker
from tests.server.clients import events_of

RETRY_S = 0.1
SILENCE_S = 35.0
"""One heartbeat of 25 s and then some: without a byte the connection is dead."""

HANDSHAKE_S = 5.0

Frame = dict[str, Any]


class Delivered(NamedTuple):
    """An event as a reader was given it."""

    epoch: str
    seq: int
    id: str
    at: float


class Stretch(NamedTuple):
    """What a reader was given without a break: everything after its start, in order, once, if all is well."""

    start: Cursor
    delivered: list[Delivered]


class Restart(Exception):
    """The server cannot resume from the cursor: the log is another, or begins later."""


class Reader(Worker):
    """Reads a location from its beginning for as long as it runs."""

    kind = ""

    def __init__(self, place: Place, name: str) -> None:
        super().__init__(name)
        self.name = name
        self.place = place
        self.stretches = [Stretch(Cursor("", 0), [])]
        self.codes: list[int] = []  # of the close frames that came
        self.ended: list[float] = []  # when each of its connections ended
        self.why = ""  # the newest of them did
        self.restarts = 0  # the server said that it could not resume
        self.breaks = 0  # it saw itself that something was missing, and resumed
        self.token = place.token

    @property
    def cursor(self) -> Cursor:
        start, delivered = self.stretches[-1]
        return Cursor(delivered[-1].epoch, delivered[-1].seq) if delivered else start

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    def first_since(self, ids: set[str], moment: float) -> float | None:
        """Return when the first of these events came, after a moment; None where none has come."""
        return next((d.at for d in self.stretches[-1].delivered if d.at >= moment and d.id in ids), None)

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self._read()
            except ConnectionClosed as closed:
                self.codes += [closed.rcvd.code] if closed.rcvd else []
                self.why = str(closed)
            except (
                Restart,
                OSError,  # TimeoutError is one
                WebSocketException,
                requests.RequestException,
                http.client.HTTPException,
                ValueError,  # half a line of JSON
            ) as failure:
                self.why = f"{type(failure).__name__}: {str(failure)[:100]}"
            self.ended.append(time.monotonic())
            self._stop.wait(RETRY_S)

    def _read(self) -> None:
        """Read until the connection ends."""
        raise NotImplementedError

    def take(self, events: list[Frame]) -> None:
        now = time.monotonic()
        self.stretches[-1].delivered.extend(Delivered(e["epoch"], e["seq"], e["id"], now) for e in events)
        self._notify()

    def _begin(self, recovered: bool, epoch: str, oldest: int) -> None:
        """Go on from the cursor, or begin anew with the oldest event that there is."""
        if not recovered:
            self.restarts += 1
            self.stretches.append(Stretch(Cursor(epoch, oldest - 1) if epoch else Cursor("", 0), []))
            raise Restart

    @property
    def _after(self) -> dict[str, Any]:
        return {"epoch": self.cursor.epoch, "seq": self.cursor.seq}


class OnSocket(Reader):
    """A websocket, as `wscat` has it."""

    kind = "websocket"
    address = "/"

    def _read(self) -> None:
        url = f"ws://127.0.0.1:{self.place.read_port}{self.address}"
        with connect(
            url,
            additional_headers=self.headers,
            proxy=None,
            open_timeout=HANDSHAKE_S,
            close_timeout=0.2,
            max_size=None,
            ping_interval=None,
        ) as client:
            self._subscribe(client)
            for raw in self._frames(client):
                self._take_frame(client, raw)

    def _subscribe(self, client: ClientConnection) -> None:
        client.send(json.dumps({"type": "subscribe", "location": self.place.location, "after": self._after}))

    def _frames(self, client: ClientConnection) -> Iterator[str]:
        heard = time.monotonic()
        while not self._stop.is_set():
            try:
                raw = client.recv(0.25)
            except TimeoutError:
                if time.monotonic() - heard > SILENCE_S:
                    raise
                continue
            heard = time.monotonic()
            yield raw if isinstance(raw, str) else raw.decode()

    def _take_frame(self, client: ClientConnection, raw: str) -> None:
        frame = json.loads(raw)
        if frame["type"] == "subscribed":
            self._begin(frame["recovered"], frame["epoch"], frame["oldest"])
        elif frame["type"] in ("event", "events"):
            if frame["prev"] > self.cursor.seq:
                self.breaks += 1
                raise ConnectionResetError("something before this frame is missing: resume")
            self.take(events_of(frame))


class OnSocketIO(OnSocket):
    """Socket.IO by its websocket, spoken by hand."""

    kind = "Socket.IO"
    address = "/socket.io/?EIO=4&transport=websocket"

    def _subscribe(self, client: ClientConnection) -> None:
        auth = {"token": self.token, "location": self.place.location, **self._after}
        client.recv(HANDSHAKE_S)
        client.send("40" + json.dumps(auth))

    def _take_frame(self, client: ClientConnection, raw: str) -> None:
        if raw == "2":
            client.send("3")
        if not raw.startswith("42"):
            return
        name, payload = json.loads(raw[2:])
        if name == "subscribed":
            self._begin(payload["recovered"], payload["epoch"], payload["oldest"])
        elif "seq" in payload:
            self.take([payload])


class OnStream(Reader):
    """Server-sent events, resumed by `Last-Event-ID`."""

    kind = "SSE"
    _socket: socket.socket | None = None

    def _read(self) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self.place.read_port, timeout=HANDSHAKE_S)
        with contextlib.closing(connection):
            connection.connect()
            self._socket = connection.sock
            cursor, headers = self.cursor, dict(self.headers)
            query = {"location": self.place.location} | ({} if cursor.epoch else {"after": "oldest"})
            if cursor.epoch:
                headers["Last-Event-ID"] = str(cursor)
            connection.request("GET", f"/events/stream?{urlencode(query)}", headers=headers)
            answer = connection.getresponse()
            self._socket.settimeout(SILENCE_S)
            self._take_lines(answer)

    def _take_lines(self, answer: http.client.HTTPResponse) -> None:
        if answer.status != 200:
            raise http.client.HTTPException(answer.status)
        for line in answer:
            if self._stop.is_set() or not line.endswith(b"\n"):
                return
            name, _, value = line.decode().rstrip("\n").partition(": ")
            if name == "data":
                data = json.loads(value)
                if data.get("type") == "subscribed":
                    self._begin(data["recovered"], data["epoch"], data["oldest"])
                else:
                    self.take([data])

    def __exit__(self, *error: object) -> None:
        self._stop.set()
        with contextlib.suppress(OSError):
            if self._socket is not None:
                self._socket.shutdown(socket.SHUT_RDWR)
        super().__exit__(*error)


class ByPolling(Reader):
    """`GET /events` again and again."""

    kind = "polling"
    pause_s = 0.2

    def _read(self) -> None:
        url = f"http://127.0.0.1:{self.place.read_port}/events"
        with requests.Session() as session:
            session.trust_env = False
            while not self._stop.wait(self.pause_s):
                after = str(self.cursor) if self.cursor.epoch else "oldest"
                query: dict[str, str | int] = {"location": self.place.location, "after": after, "limit": 500}
                answer = session.get(url, params=query, headers=self.headers, timeout=HANDSHAKE_S)
                answer.raise_for_status()
                page = answer.json()
                self._begin(page["recovered"], page["epoch"], page["oldest"])
                self.take(page["events"])


class OnFeed(Reader):
    """The dashboard's own feed, with the waiting times of the product."""

    kind = "feed"

    def __init__(self, place: Place, name: str, timing: Timing | None = None, api_port: int | None = None) -> None:
        super().__init__(place, name)
        self.statuses: list[tuple[float, FeedStatus]] = []
        self.sabotage: Callable[[], object] = lambda: None
        """What the consumer does after it has taken events: raise, or take its time."""
        self.stretches.clear()
        api = f"http://127.0.0.1:{api_port or place.read_port}"
        endpoint = Endpoint(f"ws://127.0.0.1:{place.read_port}", api, place.token, poll_interval_s=1.0)
        self.feed = Feed(endpoint, place.location, self, timing=timing)

    def __enter__(self) -> "OnFeed":
        self.feed.start()
        return self

    def __exit__(self, *error: object) -> None:
        assert self.feed.stop(15), "the feed's thread does not end"

    @property
    def cursor(self) -> Cursor:
        return super().cursor if self.stretches else Cursor("", 0)

    def first_since(self, ids: set[str], moment: float) -> float | None:
        return super().first_since(ids, moment) if self.stretches else None

    def restart(self, cursor: Cursor) -> None:
        self.restarts += bool(self.stretches)
        self.stretches.append(Stretch(cursor, []))

    def deliver(self, events: list[Event], received_at: float) -> None:
        now = time.monotonic()
        self.stretches[-1].delivered.extend(Delivered(e.epoch, e.seq, e.id, now) for e in events)
        self.sabotage()

    def take_figures(self, changed: dict[str, Any], as_of: Cursor) -> None:
        """Let them be: what they say is tested elsewhere."""

    def forget(self, contact: str) -> None:
        """Keep it: no reader here is an agent."""

    def changed(self, status: FeedStatus) -> None:
        self.statuses.append((time.monotonic(), status))

    def states_since(self, moment: float) -> list[str]:
        """Return the states that the feed has shown since then, each once a turn."""
        states = [status.state for at, status in self.statuses if at >= moment]
        return [state for before, state in zip(["", *states], states, strict=False) if state != before]


KINDS: tuple[type[Reader], ...] = (OnSocket, OnSocketIO, OnStream, ByPolling, OnFeed)


def readers(place: Place, prefix: str) -> Iterator[Reader]:
    """Yield one reader of each kind."""
    for number, kind in enumerate(KINDS):
        yield kind(place, f"{prefix}-r{number}")
