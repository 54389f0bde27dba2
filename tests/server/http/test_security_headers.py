"""What every answer of the event server forbids a browser, uvicorn's own answers and refused sockets included."""

import socket
from collections.abc import Iterator
from http.client import HTTPResponse

import pytest

from tests.served import Served


@pytest.fixture(scope="module")
def public(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    environment = {"JORGE_PUBLIC_URL": "https://office.example.com", "JORGE_ANONYMOUS": "off"}
    with Served(tmp_path_factory.mktemp("public"), **environment) as server:
        yield server


UPGRADE = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13"}
KEY = {"Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ=="}


def ask(server: Served, raw: bytes) -> HTTPResponse:
    """Return the answer to these very bytes."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as client:
        client.sendall(raw)
        answer = HTTPResponse(client)
        answer.begin()
        return answer


def request(path: str, method: str = "GET", **headers: str) -> bytes:
    lines = "".join(f"{name}: {value}\r\n" for name, value in {"Host": "localhost", **headers}.items())
    return f"{method} {path} HTTP/1.1\r\n{lines}\r\n".encode()


ANSWERS = {
    "200": request("/health"),
    "307": request("/"),
    "401": request("/events", Via="a"),
    "404": request("/nonsense"),
    "405": request("/events", "PATCH"),
    "422": request("/api/series?kind=nonsense"),
    "the page": request("/docs"),
    "a file of the page": request("/docs/swagger-ui.css"),
    "cors": request("/events", "OPTIONS", Origin="https://a.example"),
    "no http": b"nonsense\r\n\r\n",
    "a socket": request("/", **UPGRADE, **KEY),
    "a foreign socket": request("/", Origin="https://evil.example", **UPGRADE, **KEY),
    "no socket there": request("/nonsense", **UPGRADE, **KEY),
    "a socket without a key": request("/", **UPGRADE),
    "an old socket": request("/", **(UPGRADE | KEY | {"Sec-WebSocket-Version": "8"})),
    "socket.io": request("/socket.io/?EIO=4&transport=polling"),
    "socket.io refused": request("/socket.io/?EIO=3&transport=polling"),
    "socket.io from elsewhere": request("/socket.io/?EIO=4&transport=polling", Origin="https://evil.example"),
}


@pytest.mark.parametrize("raw", ANSWERS.values(), ids=ANSWERS.keys())
def test_every_answer_forbids_a_browser_what_is_not_needed(served: Served, raw: bytes) -> None:
    headers = ask(served, raw).headers
    assert headers.get_all("X-Content-Type-Options") == ["nosniff"]
    assert headers.get_all("Referrer-Policy") == ["no-referrer"]
    assert headers.get_all("X-Frame-Options") == ["DENY"]
    (policy,) = headers.get_all("Content-Security-Policy") or []
    assert policy.startswith("default-src 'none'; ")
    assert "frame-ancestors 'none'" in policy


@pytest.mark.parametrize("raw", ANSWERS.values(), ids=ANSWERS.keys())
def test_under_a_public_address_every_answer_says_that_it_is_reached_by_https_alone(public: Served, raw: bytes) -> None:
    assert ask(public, raw).headers.get_all("Strict-Transport-Security") == ["max-age=31536000"]


def test_on_this_machine_no_answer_says_so(served: Served) -> None:
    assert ask(served, ANSWERS["200"]).headers.get_all("Strict-Transport-Security") is None


def test_no_socket_compresses_what_it_sends(served: Served) -> None:
    offered = {"Sec-WebSocket-Extensions": "permessage-deflate; client_max_window_bits"}
    accepted = ask(served, request("/", **UPGRADE, **KEY, **offered))
    assert (accepted.status, accepted.headers["Sec-WebSocket-Extensions"]) == (101, None)
