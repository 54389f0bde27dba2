"""More come than there is room for: the oldest of those who wait go, and everybody else is served."""

import json
import os
import resource
import socket
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest
import requests
from websockets.exceptions import InvalidStatus

from jorge_data.server import doorway
from tests.chaos.stalled import HANDSHAKE
from tests.served import Served, bot_status
from tests.waiting import wait_until

GET = b"GET /health HTTP/1.1\r\nHost: test\r\n"


class Confined(Served):
    """A server that may have so many descriptors."""

    def __init__(self, folder: Path, descriptors: int, **environment: str) -> None:
        super().__init__(folder, **environment)
        self._descriptors = descriptors

    @property
    def command(self) -> list[str]:
        return ["/bin/sh", "-c", f"ulimit -n {self._descriptors}; exec {' '.join(super().command)}"]


def dial(port: int, stack: ExitStack, sent: bytes = b"", source: str = "127.0.0.1") -> socket.socket:
    client = socket.create_connection(("127.0.0.1", port), timeout=10, source_address=(source, 0))
    stack.enter_context(client)
    client.sendall(sent)
    return client


def crowd(port: int, stack: ExitStack, count: int, sent: bytes) -> list[socket.socket]:
    """Return as many connections; where the server cuts some meanwhile, they are among these."""
    return [dial(port, stack, sent) for _ in range(count)]


def are_open(clients: list[socket.socket]) -> int:
    """Return how many of these the server has not closed."""
    count = 0
    for client in clients:
        client.setblocking(False)
        try:
            while client.recv(1 << 16):
                pass
        except BlockingIOError:
            count += 1
        except OSError:
            pass
    return count


def served_as_ever(server: Served) -> None:
    """See that a stranger is answered, a bot publishes, and a reader reads."""
    with requests.Session() as stranger:
        assert stranger.get(f"{server.url}/health", timeout=10).status_code == 200
    assert server.post([bot_status()]).status_code == 200
    with server.connect() as client:
        assert json.loads(client.recv(10))["type"] == "connected"


@pytest.fixture(autouse=True)
def _enough_descriptors() -> Iterator[None]:
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (before[1], before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


def test_800_half_requests_keep_nobody_out_and_are_gone(own: Served) -> None:
    with ExitStack() as stack:
        half = crowd(own.port, stack, 800, GET)
        served_as_ever(own)
        wait_until(lambda: are_open(half) <= doorway.MOST_WAITING_OF_AN_ADDRESS)
        served_as_ever(own)
        wait_until(lambda: are_open(half) == 0)
        served_as_ever(own)


@pytest.mark.parametrize("sent", [b"", GET, GET + b"\r\n"], ids=["nothing", "half", "one request, and then nothing"])
def test_more_connections_than_there_is_room_for_keep_nobody_out(own: Served, sent: bytes) -> None:
    with ExitStack() as stack:
        silent = []
        for _ in range(6):
            silent += crowd(own.port, stack, 1_100, sent)
            served_as_ever(own)
        assert are_open(silent) < len(silent)
    assert len(own.log.splitlines()) < 10


def test_live_connections_of_one_address_are_bounded_and_leave_room_for_others(tmp_path: Path) -> None:
    with Served(tmp_path, JORGE_MAX_CLIENTS="20", JORGE_CLIENTS_AN_ADDRESS="10") as server, ExitStack() as stack:
        for number in range(10):
            if number % 2:
                server.connect(stack)
            else:
                stack.enter_context(requests.get(f"{server.url}/events/stream", stream=True, timeout=10))
        with pytest.raises(InvalidStatus) as refused:
            server.connect(stack)
        response = refused.value.response
        polled = requests.get(f"{server.url}/socket.io/?EIO=4&transport=polling", timeout=10)
        streamed = requests.get(f"{server.url}/events/stream", stream=True, timeout=10)
        bodies = response.body or b"", polled.content, streamed.content
        assert {response.status_code, polled.status_code, streamed.status_code} == {503}
        assert {json.loads(body)["error"]["code"] for body in bodies} == {"unavailable"}
        for headers in (response.headers, polled.headers, streamed.headers):
            assert 1 <= int(headers["Retry-After"]) <= 5
        server.connect(stack, sock=dial(server.port, stack, source="127.0.0.2"))


def test_2000_clients_at_once_from_one_address_are_all_let_in(own: Served) -> None:
    with ExitStack() as stack:
        clients = crowd(own.port, stack, 2_000, HANDSHAKE.format(port=own.port).encode())
        answers = Counter(client.recv(12) for client in clients)
    assert answers == {b"HTTP/1.1 101": 2_000}


@pytest.mark.parametrize("descriptors", [64, 256])
def test_where_descriptors_are_used_up_others_are_turned_away_in_order(tmp_path: Path, descriptors: int) -> None:
    with Confined(tmp_path, descriptors) as server, ExitStack() as stack:
        for _ in range(4):
            with suppress(OSError):
                crowd(server.port, stack, descriptors // 3, GET)
            served_as_ever(server)
        assert open_files(server) <= descriptors
        wait_until(lambda: open_files(server) < descriptors // 2 + 32)
        served_as_ever(server)
        lines = [json.loads(line) for line in server.log.splitlines()]
        told = [line["event"] for line in lines if "connections is degraded" in line["event"]]
        assert (len(told), len(lines) < 5) == (1, True), server.log


def open_files(server: Served) -> int:
    return len(os.listdir(f"/proc/{server.process.pid}/fd"))


def test_with_too_few_descriptors_to_serve_anybody_it_says_so(tmp_path: Path) -> None:
    own = Confined(tmp_path, 40)
    with pytest.raises(AssertionError):
        own.start()
    assert "`ulimit -n` is 40; allowed: 64 or more" in own.log
    assert "Traceback" not in own.log
    own.session.close()
