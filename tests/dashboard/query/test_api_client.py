import socket
import threading
from collections.abc import Iterator

import pytest

from jorge_data.dashboard.query.api_client import ApiClient
from jorge_data.errors import RequestRefused, Unavailable
from jorge_data.feed import Endpoint
from tests.http_server import HttpServer, Reply, Request

RESPONSES = {
    "/ours": b'{"error": {"code": "invalid", "detail": "limit is 9999: allowed are 1-500"}}',
    "/a-proxys": b"<h1>no</h1>",
    "/some-json": b'{"error": "no"}',
    "/a-login": b"<h1>Log in</h1>",
}


def respond(request: Request) -> Reply:
    """Refuse with the text that the path names, but welcome whoever is to log in."""
    return 200 if request.target == "/a-login" else 422, {}, RESPONSES[request.target]


@pytest.fixture
def api() -> Iterator[ApiClient]:
    with HttpServer(respond) as server:
        yield ApiClient(Endpoint(server.url.replace("http", "ws"), server.url))


def test_a_refusal_tells_the_servers_own_reason(api: ApiClient) -> None:
    with pytest.raises(RequestRefused, match=r"^the event server says: limit is 9999: allowed are 1-500$"):
        api.get("/ours")


@pytest.mark.parametrize("path", ["/a-proxys", "/some-json"])
def test_a_refusal_without_a_reason_tells_its_status(api: ApiClient, path: str) -> None:
    with pytest.raises(RequestRefused, match=r"^the event server answered 422$"):
        api.get(path)


def test_a_page_of_somebody_elses_is_no_answer(api: ApiClient) -> None:
    with pytest.raises(RequestRefused, match="the event server's address is answered by something else"):
        api.get("/a-login")


class Forgetful(threading.Thread):
    """A server that answers a first request, hangs up at the second of the same connection, and answers one more."""

    RESPONSE = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"

    def __init__(self) -> None:
        super().__init__()
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.again = b""

    def run(self) -> None:
        with self.listening.accept()[0] as connection:
            connection.recv(65536)
            connection.sendall(self.RESPONSE)
            self.again = connection.recv(65536)
        with self.listening.accept()[0] as fresh:
            if fresh.recv(65536):
                fresh.sendall(self.RESPONSE)

    @property
    def api(self) -> ApiClient:
        address = f"127.0.0.1:{self.listening.getsockname()[1]}"
        return ApiClient(Endpoint(f"ws://{address}", f"http://{address}"))

    def __enter__(self) -> "Forgetful":
        self.start()
        return self

    def __exit__(self, *error: object) -> None:
        socket.create_connection(self.listening.getsockname()).close()
        self.join(10)
        self.listening.close()


def test_a_kept_connection_that_is_closed_under_a_question_costs_no_answer() -> None:
    with Forgetful() as server:
        api = server.api
        assert [api.get("/a"), api.get("/b")] == [{}, {}]
        api.close()
    assert server.again.startswith(b"GET /b ")


def test_what_changes_something_is_never_sent_twice() -> None:
    with Forgetful() as server:
        api = server.api
        api.get("/a")
        with pytest.raises(Unavailable):
            api.post("/b", {})
        api.close()
    assert server.again.startswith(b"POST /b ")
