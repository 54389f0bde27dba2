"""The live socket over a real server, asked by an independent websocket client."""

import asyncio
import contextlib
import re
import socket
import threading
from collections.abc import Iterator
from typing import Any

import orjson
import pytest
import requests
import uvicorn
from starlette.applications import Starlette
from starlette.routing import Route, WebSocketRoute
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

from jorge_data.dashboard import http_routes, websocket
from jorge_data.dashboard.context import AppContext
from jorge_data.dashboard.login.own_token import OwnToken
from jorge_data.dashboard.login.user import User
from jorge_data.dashboard.push.tickets import Holder
from jorge_data.dashboard.query.api_client import ApiClient
from jorge_data.settings import read_settings
from tests.dashboard.fake_feeds import HOME, event
from tests.dashboard.people import COOKIE, People, person
from tests.waiting import wait_until

JORGE = Holder(person("jorge", "admin"), HOME)
VIEWER = Holder(person("vera", "viewer"), HOME)
AGENT = Holder(person("ann", "agent", HOME, "a-7"), HOME)
REF = "0198b7a4-5c1e-4a55-9d0c-3f3f2f1f0f0e"


class Served:
    """A context with its websocket and HTTP routes on a port of loopback."""

    def __init__(self, context: AppContext) -> None:
        self.context = context
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._socket.getsockname()[1]}"
        routes = [
            WebSocketRoute("/api/live", websocket.live),
            Route("/api/live", http_routes.live, methods=["GET", "POST"]),
            Route("/api/act", http_routes.act, methods=["POST"]),
        ]
        app = Starlette(routes=routes, lifespan=self._lifespan)
        self.server = uvicorn.Server(uvicorn.Config(app, ws="websockets-sansio", log_level="warning"))
        self.thread = threading.Thread(target=self.server.run, args=([self._socket],))

    @contextlib.asynccontextmanager
    async def _lifespan(self, _app: Starlette) -> Any:
        painting = asyncio.create_task(self.context.broadcaster.run())
        yield
        painting.cancel()

    def connect(self, origin: str | None = None, user: User = JORGE.user) -> ClientConnection:
        named, cookie = Origin(origin or f"http://{self.address}"), {"Cookie": f"{COOKIE}={user.name}"}
        return connect(f"ws://{self.address}/api/live", origin=named, additional_headers=cookie, proxy=None)

    def post(self, path: str, origin: str | None = None, user: User = JORGE.user, **message: Any) -> requests.Response:
        headers = {"Origin": origin or f"http://{self.address}", "Cookie": f"{COOKIE}={user.name}"}
        return requests.post(f"http://{self.address}/api/{path}", json=message, headers=headers, timeout=10)

    @contextlib.contextmanager
    def join(self, holder: Holder = JORGE) -> Iterator[ClientConnection]:
        with self.connect(user=holder.user) as client:
            send(client, type="join", ticket=self.context.tickets.issue(holder))
            yield client


def send(client: ClientConnection, **message: Any) -> None:
    client.send(orjson.dumps(message).decode())


def receive(client: ClientConnection, kind: str) -> dict[str, Any]:
    """Return the next frame of a kind; a wall that goes on telling all but that fails."""
    frame: dict[str, Any] = {}

    def has_come() -> bool:
        frame.clear()
        frame.update(orjson.loads(client.recv(timeout=10)))
        return bool(frame["type"] == kind)

    wait_until(has_come)
    return frame


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    settings = read_settings(_env_file=None, location=HOME, demo="0", socket_url="ws://127.0.0.1:9")
    context = AppContext.build(settings, OwnToken(), People(JORGE.user, VIEWER.user, AGENT.user))
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


def test_the_key_of_a_state_fetches_a_ticket_while_the_socket_is_silent(served: Served) -> None:
    with served.join() as silent:
        answer = served.post("live", key=receive(silent, "state")["key"])
        with served.connect() as again:
            send(again, type="join", ticket=answer.json()["ticket"])
            assert receive(again, "state")["type"] == "state"


def test_a_page_learns_by_http_why_its_socket_is_refused(served: Served) -> None:
    key = served.context.tickets.key(JORGE)
    elsewhere = served.post("live", origin="https://wall.example", key=key)
    assert elsewhere.status_code == 403
    assert "set JORGE_PUBLIC_URL to the address in the browser" in elsewhere.json()["error"]["detail"]
    old = served.post("live", key="of.another")
    assert old.status_code == 401
    assert "load it again" in old.json()["error"]["detail"]


@pytest.mark.parametrize("path", ["live", "act"])
@pytest.mark.parametrize(
    ("statuses", "content", "headers"),
    [
        ((415, 426), b"{}", {"Content-Type": "text/plain"}),  # what a form of another site could send
        ((403,), b"{}", {"Origin": ""}),
        ((400,), b"nonsense", {}),
        ((413,), b'"' + b"x" * 5000 + b'"', {}),
    ],
)
def test_what_no_page_of_ours_posts_is_refused(
    served: Served, path: str, statuses: tuple[int, ...], content: bytes, headers: dict[str, str]
) -> None:
    cookie = f"{COOKIE}={JORGE.user.name}"
    ours = {"Origin": f"http://{served.address}", "Content-Type": "application/json", "Cookie": cookie}
    url = f"http://{served.address}/api/{path}"
    assert requests.post(url, content, headers=ours | headers, timeout=10).status_code in statuses


class Stored:
    """An event server's side that stores what it is sent, once for each id."""

    def __init__(self) -> None:
        self.events: dict[str, Any] = {}

    def post(self, path: str, events: list[dict[str, Any]], within_s: float | None = None) -> Any:
        for each in events:
            self.events.setdefault(each["id"], each)


def test_an_action_that_comes_by_the_socket_and_by_http_is_one_event(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored = Stored()
    monkeypatch.setattr(ApiClient, "post", lambda _, *sent: stored.post(*sent))
    act: dict[str, Any] = {"ref": REF, "item": "hot:c", "action": "assigned"}
    with served.join() as client:
        key = receive(client, "state")["key"]
        send(client, type="act", **act)
        done = {"type": "done", "ref": REF, "item": "hot:c"}
        assert receive(client, "done") == done
        assert served.post("act", **act, key=key).json() == done
    assert [event["id"] for event in stored.events.values()] == [REF]
    assert stored.events[REF]["locationid"] == HOME


def test_by_http_a_viewer_may_not_act_either(served: Served) -> None:
    key = served.context.tickets.key(VIEWER)
    answer = served.post("act", user=VIEWER.user, key=key, ref=REF, item="hot:c", action="assigned").json()
    assert (answer["type"], answer["again"]) == ("refused", False)
    assert answer["detail"] == "Not saved: the role viewer may not act on what needs you"


def test_a_tab_that_saw_a_gap_gets_the_state_again(served: Served) -> None:
    with served.join() as client:
        receive(client, "state")
        send(client, type="resend")
        assert receive(client, "state")["type"] == "state"


def test_an_event_is_a_patch_with_its_line(served: Served) -> None:
    with served.join() as client:
        receive(client, "state")
        served.context.seen_by(JORGE.user).locations.get(HOME).deliver([event(1)], 0.0)
        while not (lines := receive(client, "patch")["feed"]):
            pass
    assert lines[0]["seq"] == 1


def test_what_the_event_server_does_not_take_is_told_to_that_tab(served: Served) -> None:
    with served.join() as client:
        receive(client, "state")
        send(client, type="act", ref=REF, item="hot:c", action="assigned")
        refused = receive(client, "refused")
    assert (refused["ref"], refused["item"], refused["again"]) == (REF, "hot:c", True)
    assert refused["detail"].startswith("Not saved yet: the event server does not answer")


class Broken:
    """An event server's side that fails in a way nobody thought of."""

    def post(self, path: str, body: dict[str, Any], within_s: float | None = None) -> Any:
        raise KeyError(path)


def test_an_action_that_fails_for_any_reason_is_told_to_that_tab(
    served: Served, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(ApiClient, "post", lambda _, *sent: Broken().post(*sent))
    with served.join() as client:
        receive(client, "state")
        send(client, type="act", ref=REF, item="hot:c", action="assigned")
        refused = receive(client, "refused")
    said = re.fullmatch("Not saved: something failed here; the log names it by ([0-9a-f-]{36})", refused["detail"])
    assert said is not None
    assert f"incident {said[1]}: an action on the wall" in caplog.text


def test_a_viewer_may_look_not_act(served: Served) -> None:
    with served.join(VIEWER) as client:
        receive(client, "state")
        send(client, type="act", ref=REF, item="hot:c", action="assigned")
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


def test_a_ticket_lets_nobody_in_but_whose_it_is(served: Served) -> None:
    ticket = served.context.tickets.issue(JORGE)
    with served.connect(user=VIEWER.user) as client:
        send(client, type="join", ticket=ticket)
        with pytest.raises(ConnectionClosed) as closed:
            client.recv(timeout=10)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 4501


def test_a_page_that_is_open_turns_to_no_one_elses(served: Served) -> None:
    with served.join(VIEWER) as client:
        receive(client, "state")
        send(client, type="audience", ticket=served.context.tickets.issue(JORGE))
        with pytest.raises(ConnectionClosed):
            receive(client, "nothing that is ever sent")


def test_the_key_of_a_page_is_good_with_the_cookie_of_its_user_alone(served: Served) -> None:
    key = served.context.tickets.key(JORGE)
    act = {"key": key, "ref": REF, "item": "hot:c", "action": "assigned"}
    for path in ("live", "act"):
        assert served.post(path, user=VIEWER.user, **act).status_code == 401
        assert served.post(path, user=person("nobody", "admin"), **act).status_code == 401


def test_who_is_not_in_gets_no_socket_and_no_answer(served: Served) -> None:
    stranger = person("stranger", "admin")
    with served.connect(user=stranger) as client, pytest.raises(ConnectionClosed) as closed:
        client.recv(timeout=10)
    assert closed.value.rcvd is not None
    assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (4501, "the login has ended: log in again")


def test_an_office_that_is_not_granted_is_shown_to_nobody(served: Served) -> None:
    with served.join(AGENT._replace(location="elsewhere")) as client, pytest.raises(ConnectionClosed) as closed:
        receive(client, "state")
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 4503


def test_mine_is_whose_who_pressed_it_and_a_manager_names_another(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored = Stored()
    people = {"colleagues": [{"name": "ann", "display_name": "Ann", "agent_id": "a-7"}]}
    monkeypatch.setattr(ApiClient, "post", lambda _, *sent: stored.post(*sent))
    monkeypatch.setattr(ApiClient, "get", lambda _, path, **query: people)
    answers = [
        served.post(
            "act",
            user=holder.user,
            key=served.context.tickets.key(holder),
            ref=REF[:-1] + str(number),
            item="bot:jorge-seller",
            action="assigned",
            **to,
        ).json()
        for number, (holder, to) in enumerate(
            ((AGENT, {}), (JORGE, {}), (JORGE, {"to": "ann"}), (JORGE, {"to": "nobody"}), (AGENT, {"to": "jorge"}))
        )
    ]
    said = [(event["data"]["by"], event["data"].get("to")) for event in stored.events.values()]
    assert said == [("ann", None), ("jorge", None), ("jorge", "ann")]
    assert [answer["type"] for answer in answers] == ["done"] * 3 + ["refused"] * 2
    assert answers[3]["detail"] == "Not saved: nobody is nobody to whom you may assign at home"
