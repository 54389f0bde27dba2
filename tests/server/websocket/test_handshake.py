"""How a socket is opened: a token alone as its subprotocol, by real clients, and why a handshake was refused."""

import http.client
import json
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from playwright.sync_api import Page
from websockets.typing import Subprotocol

from tests.chromium import launched
from tests.npm_clients import NODE, environment, needs_node
from tests.served import Served
from tests.server.clients import closing, receive, subscribe

OFFERS = {
    "the token alone": (["bearer.{token}"], "bearer.{token}"),
    "jorge.v1 and the token": (["jorge.v1", "bearer.{token}"], "jorge.v1"),
    "the token and jorge.v1": (["bearer.{token}", "jorge.v1"], "jorge.v1"),
    "the token and what we do not speak": (["mqtt", "bearer.{token}"], "bearer.{token}"),
}
"""What a client offers, and what the handshake is answered with."""

offered_ways = pytest.mark.parametrize(("offered", "answered"), OFFERS.values(), ids=OFFERS)


@pytest.fixture(scope="module")
def page(guarded: Served) -> Iterator[Page]:
    """A page of the server's own origin, in a real browser."""
    with launched() as browser:
        page = browser.new_page()
        page.goto(f"{guarded.url}/health")
        yield page


OPEN = """([url, offered, location]) => new Promise((done) => {
  const socket = new WebSocket(url, offered);
  const frames = [];
  socket.onopen = () => socket.send(JSON.stringify({type: "subscribe", location}));
  socket.onmessage = ({data}) => {
    frames.push(JSON.parse(data));
    if (frames.at(-1).type === "subscribed") {
      done({protocol: socket.protocol, frames});
      socket.close();
    }
  };
  socket.onclose = ({code, reason}) => done({code, reason, frames});
})"""


@pytest.mark.browser
@offered_ways
def test_a_browser_connects_with_its_token_as_subprotocol(
    guarded: Served, page: Page, location: str, offered: list[str], answered: str
) -> None:
    token = guarded.token("viewer", location)
    names = [name.format(token=token) for name in offered]
    opened = page.evaluate(OPEN, [f"ws://127.0.0.1:{guarded.port}/", names, location])
    assert [frame["type"] for frame in opened["frames"]] == ["connected", "subscribed"], opened
    assert opened["frames"][0]["auth"] == "ok"
    assert opened["protocol"] == answered.format(token=token)


@pytest.mark.browser
@pytest.mark.parametrize(
    ("ttl_s", "code", "says"), [(3600, 4501, "the token is not valid"), (-60, 4401, "the token has expired")]
)
def test_a_browser_whose_token_does_not_hold_is_told_why(
    guarded: Served, page: Page, location: str, ttl_s: float, code: int, says: str
) -> None:
    token = guarded.token("viewer", ttl_s=ttl_s) + ("" if ttl_s < 0 else "x")
    closed = page.evaluate(OPEN, [f"ws://127.0.0.1:{guarded.port}/ws", [f"bearer.{token}"], location])
    assert closed["code"] == code
    assert says in closed["reason"]


WS = """
const WebSocket = require("ws");
const [url, ...offered] = process.argv.slice(1);
const socket = new WebSocket(url, offered);
socket.on("message", (data) => {
  console.log(JSON.stringify([socket.protocol, JSON.parse(data)]));
  socket.terminate();
});
socket.on("unexpected-response", (request, response) => {
  let body = "";
  response.on("data", (part) => (body += part));
  response.on("end", () => { console.log(JSON.stringify([response.statusCode, JSON.parse(body)])); process.exit(); });
});
socket.on("error", (error) => { console.error(error.message); process.exit(1); });
"""


def by_ws(url: str, *offered: str) -> Any:
    """Return the first thing that node's `ws` gets: a frame beside its protocol, or a refusal beside its status."""
    command = [str(NODE), "-e", WS, url, *offered]
    opened = subprocess.run(command, env=environment(), capture_output=True, text=True, timeout=20, check=False)
    assert opened.returncode == 0, opened.stderr
    return json.loads(opened.stdout)


@needs_node
@offered_ways
def test_node_connects_with_its_token_as_subprotocol(
    guarded: Served, location: str, offered: list[str], answered: str
) -> None:
    token = guarded.token("viewer", location)
    names = [name.format(token=token) for name in offered]
    protocol, frame = by_ws(f"ws://127.0.0.1:{guarded.port}/", *names)
    assert (protocol, frame["auth"], frame["locations"]) == (answered.format(token=token), "ok", [location])


@needs_node
def test_node_is_told_where_the_socket_is(guarded: Served) -> None:
    status, body = by_ws(f"ws://127.0.0.1:{guarded.port}/events", f"bearer.{guarded.token()}")
    assert status == 404
    assert "allowed are / and /ws" in body["error"]["detail"]


def test_a_token_is_sent_to_nobody_but_its_sender_and_is_in_no_log(guarded: Served, stack: ExitStack) -> None:
    token, other = guarded.token("viewer", "canary-alone"), guarded.token("viewer", "canary-expired", ttl_s=-60)
    client = guarded.connect(stack, subprotocols=[Subprotocol(f"bearer.{token}")])
    assert client.subprotocol == f"bearer.{token}"
    assert token not in json.dumps([receive(client), subscribe(client, "canary-alone")])
    assert closing(guarded.connect(stack, subprotocols=[Subprotocol(f"bearer.{other}")]))[0] == 4401
    status, body = handshake(guarded, headers={"Sec-WebSocket-Protocol": f"bearer.{token}", "Origin": "http://evil"})
    assert status == 403
    for said in (guarded.log, body):
        assert not [part for secret in (token, other) for part in secret.split(".")[1:] if part in said]


def handshake(served: Served, path: str = "/", headers: dict[str, str] | None = None) -> tuple[int, str]:
    """Return the status and the body that a handshake is answered with."""
    connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=5)
    asked = {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13"}
    asked["Sec-WebSocket-Key"] = "dGhlIHNhbXBsZSBub25jZQ=="
    connection.request("GET", path, headers=asked | (headers or {}))
    with connection.getresponse() as answer:
        body = "" if answer.status == 101 else answer.read().decode()
    connection.close()
    return answer.status, body


@pytest.mark.parametrize(
    ("path", "headers", "status", "code", "says"),
    [
        ("/", {"Origin": "http://evil.example"}, 403, "forbidden", "Origin is 'http://evil.example': allowed are"),
        ("/ws", {"Origin": "null"}, 403, "forbidden", "JORGE_ORIGINS"),
        ("/events", {}, 404, "not_found", "no websocket is at '/events': allowed are / and /ws"),
        ("/ws/", {}, 404, "not_found", "no websocket is at '/ws/': allowed are / and /ws"),
        ("/%22%3Cscript%3E?token=x", {}, 404, "not_found", "allowed are / and /ws"),
        ("/", {"Upgrade": "", "Connection": "keep-alive"}, 426, "upgrade_required", "no `Upgrade: websocket`"),
        ("/ws", {"Upgrade": "", "Connection": "keep-alive"}, 426, "upgrade_required", "no `Upgrade: websocket`"),
    ],
)
def test_a_handshake_that_is_refused_says_why(
    served: Served, path: str, headers: dict[str, str], status: int, code: str, says: str
) -> None:
    answered, body = handshake(served, path, headers)
    assert answered == status
    error = json.loads(body)["error"]
    assert error["code"] == code
    assert says in error["detail"]


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-WebSocket-Version": "8"},
        {"Sec-WebSocket-Key": "short"},
        {"Sec-WebSocket-Protocol": "bearer.é"},
        {"Sec-WebSocket-Protocol": "bearer.a b"},
    ],
)
def test_a_handshake_that_is_none_says_why(served: Served, headers: dict[str, str]) -> None:
    status, body = handshake(served, "/", headers)
    assert status in (400, 426)
    assert body.strip()
