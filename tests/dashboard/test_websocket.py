"""The live socket over a real server, asked by an independent websocket client."""

import asyncio
import contextlib
import socket
import threading
from collections.abc import Iterator
from typing import Any

import orjson
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.routing import Route, WebSocketRoute
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

from jorge_data.dashboard import http_routes, websocket
from jorge_data.dashboard.context import AppContext
from jorge_data.dashboard.push.tickets import Holder
from jorge_data.settings import read_settings
from tests.dashboard.fake_feeds import HOME, event
from tests.waiting import wait_until

JORGE = Holder("jorge", "admin", HOME)


class Served:
    """A context with its websocket and HTTP routes on a port of loopback."""

    def __init__(self, context: AppContext) -> None:
        self.context = context
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._socket.getsockname()[1]}"
        routes = [WebSocketRoute("/api/live", websocket.live), Route("/health", http_routes.health)]
        app = Starlette(routes=routes, lifespan=self._lifespan)
        self.server = uvicorn.Server(uvicorn.Config(app, ws="websockets-sansio", log_level="warning"))
        self.thread = threading.Thread(target=self.server.run, args=([self._socket],))

    @contextlib.asynccontextmanager
    async def _lifespan(self, _app: Starlette) -> Any:
        painting = asyncio.create_task(self.context.broadcaster.run())
        yield
        painting.cancel()

    def connect(self, origin: str | None = None) -> ClientConnection:
        named = Origin(origin or f"http://{self.address}")
        return connect(f"ws://{self.address}/api/live", origin=named, proxy=None)

    @contextlib.contextmanager
    def join(self, holder: Holder = JORGE) -> Iterator[ClientConnection]:
        with self.connect() as client:
            send(client, type="join", ticket=self.context.tickets.issue(holder))
            yield client


def send(client: ClientConnection, **message: Any) -> None:
    client.send(orjson.dumps(message).decode())


def receive(client: ClientConnection, kind: str) -> dict[str, Any]:
    """Return the next frame of a kind."""
    while True:
        frame: dict[str, Any] = orjson.loads(client.recv(timeout=10))
        if frame["type"] == kind:
            return frame


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    settings = read_settings(_env_file=None, location=HOME, demo="0", socket_url="ws://127.0.0.1:9")
    context = AppContext.build(settings, "")
    context.make_current()
    served = Served(context)
    served.thread.start()
    yield served
    served.server.should_exit = True
    served.thread.join(10)
    context.locations.close()


@pytest.mark.parametrize("origin", ["http://evil.example", "http://["])
def test_another_sites_page_is_refused_before_the_handshake(served: Served, origin: str) -> None:
    with pytest.raises(InvalidStatus) as refused, served.connect(origin=origin):
        pass
    assert refused.value.response.status_code == 403


def test_a_client_that_names_no_origin_is_refused(served: Served) -> None:
    with pytest.raises(InvalidStatus), connect(f"ws://{served.address}/api/live", proxy=None):
        pass


def test_a_ticket_lets_in_once(served: Served) -> None:
    ticket = served.context.tickets.issue(JORGE)
    with served.connect() as first:
        send(first, type="join", ticket=ticket)
        assert receive(first, "state")["view"]["bar"]["location"] == HOME
    with served.connect() as second:
        send(second, type="join", ticket=ticket)
        with pytest.raises(ConnectionClosed) as closed:
            second.recv(timeout=10)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 4501


def test_the_ticket_of_a_state_lets_in_after_the_socket_has_ended(served: Served) -> None:
    with served.join() as first:
        ticket = receive(first, "state")["ticket"]
    wait_until(lambda: ticket in served.context.tickets._open)  # the server has heard of the end
    with served.connect() as again:
        send(again, type="join", ticket=ticket)
        assert receive(again, "state")["type"] == "state"


def test_a_tab_that_saw_a_gap_gets_the_state_again(served: Served) -> None:
    with served.join() as client:
        receive(client, "state")
        send(client, type="resend")
        assert receive(client, "state")["type"] == "state"


def test_an_event_is_a_patch_with_its_line(served: Served) -> None:
    with served.join() as client:
        receive(client, "state")
        served.context.locations.get(HOME).deliver([event(1)], 0.0)
        while not (lines := receive(client, "patch")["feed"]):
            pass
    assert lines[0]["seq"] == 1


def test_what_the_event_server_does_not_take_is_told_to_that_tab(served: Served) -> None:
    with served.join() as client:
        receive(client, "state")
        send(client, type="act", item="hot:c", action="assigned")
        refused = receive(client, "refused")
    assert refused["item"] == "hot:c"
    assert refused["detail"] == "Not saved: the event server does not answer; try again in a moment"


class Broken:
    """An event server's side that fails in a way nobody thought of."""

    def post(self, path: str, body: dict[str, Any]) -> Any:
        raise KeyError(path)


def test_an_action_that_fails_for_any_reason_is_told_to_that_tab(
    served: Served, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(served.context.attention, "_api", Broken())
    with served.join() as client:
        receive(client, "state")
        send(client, type="act", item="hot:c", action="assigned")
        refused = receive(client, "refused")
    assert refused["detail"] == "Not saved: something failed here; the log of the dashboard says what"
    assert "an action on the wall failed" in caplog.text


def test_a_viewer_may_look_not_act(served: Served) -> None:
    with served.join(JORGE._replace(role="viewer")) as client:
        receive(client, "state")
        send(client, type="act", item="hot:c", action="assigned")
        assert receive(client, "refused")["detail"] == "Not saved: the role viewer may not act on what needs you"


@pytest.mark.parametrize("text", ["", "[]", "nonsense", '{"type":' + '"x"' * 5000 + "}"])
def test_a_message_that_no_page_of_ours_sends_ends_the_socket(served: Served, text: str) -> None:
    with served.join() as client:
        receive(client, "state")
        client.send(text)
        with pytest.raises(ConnectionClosed) as closed:
            receive(client, "nothing that is ever sent")
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 4509
