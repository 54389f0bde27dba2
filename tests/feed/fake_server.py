"""An event server for tests: it keeps the contract, except where a script says otherwise."""

import contextlib
import threading
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

import orjson
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response
from websockets.protocol import State
from websockets.sync.server import Server, ServerConnection, serve

from jorge_data.events import Cursor, Event, encode, place

LOCATION = "office"
MOMENT = datetime(2026, 11, 23, 14, 7, 31, tzinfo=UTC)


def served(seq: int, epoch: str = "e1") -> dict[str, Any]:
    """Return the JSON object of one served event."""
    data = {"bot_type": "jorge-seller", "status": "idle"}
    event = Event(f"{epoch}-{seq}", "test", "bot_status_update", None, MOMENT, LOCATION, data, MOMENT)
    served: dict[str, Any] = orjson.loads(place(encode(event), Cursor(epoch, seq)))
    return served


class FakeConnection:
    """The server's end of one connection, with what a script can say on it."""

    def __init__(self, server: "FakeServer", connection: ServerConnection) -> None:
        self.server = server
        self.connection = connection

    def send(self, **frame: Any) -> None:
        self.connection.send(orjson.dumps(frame).decode())

    def greet(self) -> Cursor:
        """Say hello and return the position the client asks to go on from."""
        self.send(type="connected", protocol=1, heartbeat_s=25, auth="ok", locations=[LOCATION])
        request = orjson.loads(self.connection.recv())
        self.server.subscriptions.append(request)
        return Cursor(**request["after"])

    def confirm(self, after: Cursor) -> int:
        """Answer a subscription with the verdict, and return the position that is sent from."""
        server = self.server
        recovered = server.keeps(after)
        bounds = {"epoch": server.epoch, "top": server.top, "oldest": server.oldest}
        self.send(type="subscribed", location=LOCATION, recovered=recovered, snapshot={}, **bounds)
        return after.seq if recovered else server.top

    def begin(self) -> int:
        return self.confirm(self.greet())

    def events(self, first: int, last: int, prev: int | None = None) -> None:
        events = [served(seq, self.server.epoch) for seq in range(first, last + 1)]
        before = first - 1 if prev is None else prev
        if len(events) == 1:
            self.send(type="event", event=events[0], prev=before)
        else:
            self.send(type="events", events=events, prev=before)

    def figures(self, seq: int) -> None:
        """Tell figures as of a position."""
        self.send(type="figures", as_of=seq, set={"conversations": {"active": seq}})

    def follow(self, sent: int) -> None:
        """Send what is in the log and what is added to it, until the client is gone."""
        while self.is_open():
            last = min(self.server.wait_beyond(sent), sent + self.server.batch)
            if self.server.closing:
                return
            if last > sent:
                self.events(sent + 1, last)
                sent = last

    def is_open(self) -> bool:
        return self.connection.protocol.state is State.OPEN

    def wait_until_gone(self) -> None:
        with contextlib.suppress(ConnectionClosed):
            self.connection.recv()


Script = Callable[[FakeConnection], None]


def serve_log(client: FakeConnection) -> None:
    client.follow(client.begin())


class FakeServer:
    """Hold one log and serve it; scripts are used up, one a connection, before it behaves."""

    def __init__(self, top: int = 0) -> None:
        self.epoch, self.top, self.oldest = "e1", top, 1
        self.batch = 50
        self.page = 500
        self.websocket = True
        self.http_status = 200
        self.scripts: deque[Script] = deque()
        self.subscriptions: list[dict[str, Any]] = []
        self.requests: list[str] = []
        self.authorizations: list[str | None] = []
        self.closing = False
        self.changed = threading.Condition()  # guards epoch, top and closing
        self._server: Server = serve(
            self._talk, "127.0.0.1", 0, process_request=self._answer, compression=None, close_timeout=0.2
        )
        self.port: int = self._server.socket.getsockname()[1]
        self._thread = threading.Thread(target=self._server.serve_forever, name="office")

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        with self.changed:
            self.closing = True
            self.changed.notify_all()
        self._server.shutdown()
        self._thread.join(5)

    def publish(self, count: int) -> int:
        """Add events to the log and return its top."""
        with self.changed:
            self.top += count
            self.changed.notify_all()
            return self.top

    def wait_beyond(self, seq: int) -> int:
        """Wait a moment for the log to grow beyond a position, and return its top."""
        with self.changed:
            self.changed.wait_for(lambda: self.top > seq or self.closing, 0.05)
            return self.top

    def keeps(self, cursor: Cursor) -> bool:
        return cursor.epoch == self.epoch and self.oldest - 1 <= cursor.seq <= self.top

    def _talk(self, connection: ServerConnection) -> None:
        script = self.scripts.popleft() if self.scripts else serve_log
        with contextlib.suppress(ConnectionClosed):
            script(FakeConnection(self, connection))

    def _answer(self, connection: ServerConnection, request: Request) -> Response | None:
        address = urlsplit(request.path)
        question = {name: values[0] for name, values in parse_qs(address.query).items()}
        self.requests.append(address.path)
        self.authorizations.append(request.headers.get("Authorization"))
        if address.path == "/":
            return None if self.websocket else connection.respond(503, "no websocket here")
        if self.http_status != 200:
            return connection.respond(self.http_status, "refused")
        answer = self._figures() if address.path == "/api/dashboard/metrics" else self._page(question)
        return connection.respond(200, orjson.dumps(answer).decode())

    def _figures(self) -> dict[str, Any]:
        position = {"epoch": self.epoch, "seq": self.top} if self.top else None
        return {"position": position, "conversations": {"active": self.top}}

    def _page(self, question: dict[str, str]) -> dict[str, Any]:
        fixed = {"oldest": Cursor(self.epoch, 0), "latest": Cursor(self.epoch, self.top)}
        asked = question.get("after", "latest")
        after = fixed[asked] if asked in fixed else Cursor.parse(asked)
        recovered = self.keeps(after)
        last = min(self.top, after.seq + min(self.page, int(question["limit"])))
        events = [served(seq, self.epoch) for seq in range(after.seq + 1, last + 1)] if recovered else []
        bounds = {"epoch": self.epoch, "top": self.top, "oldest": self.oldest}
        return {"events": events, "recovered": recovered, **bounds}
