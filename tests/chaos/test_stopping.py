"""Asked to stop, the server ends in time, whatever its clients do and however much it holds."""

import json
import signal
import socket
import threading
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import pytest
import requests

from tests.chaos.stalled import Stalled
from tests.chaos.test_crowds import crowd, dial
from tests.served import Served, bot_status
from tests.server.clients import closing, subscribe
from tests.waiting import wait_until

IN_TIME_S = 10.0
"""What is promised, and what a supervisor waits; where it takes longer, `subprocess` raises."""

GET = b"GET /health HTTP/1.1\r\nHost: test\r\n"


def stop(server: Served) -> None:
    server.process.send_signal(signal.SIGTERM)
    assert server.process.wait(IN_TIME_S) in (0, -signal.SIGTERM)
    if server.process.stdin:
        server.process.stdin.close()


def half_requests(server: Served, stack: ExitStack) -> None:
    crowd(server.port, stack, 50, GET)


def half_bodies(server: Served, stack: ExitStack) -> None:
    head = f"POST /events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {server.token()}\r\nContent-Length: 900\r\n\r\n"
    crowd(server.port, stack, 50, head.encode() + b"{")
    crowd(server.port, stack, 10, b"POST /webhooks/ghl HTTP/1.1\r\nHost: x\r\nContent-Length: 900\r\n\r\n{")


def idle(server: Served, stack: ExitStack) -> None:
    for client in crowd(server.port, stack, 50, GET + b"\r\n"):
        client.recv(1 << 16)


def streams(server: Served, stack: ExitStack) -> None:
    for _ in range(20):
        stack.enter_context(requests.get(f"{server.url}/events/stream", stream=True, timeout=10))


def sockets_that_read_nothing(server: Served, stack: ExitStack) -> None:
    for _ in range(20):
        stack.enter_context(Stalled(server.port, "default"))


def readers_that_read_nothing_of_a_response(server: Served, stack: ExitStack) -> None:
    page = b"GET /events?after=oldest&limit=1000 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
    for _ in range(20):
        client = socket.socket()
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        stack.enter_context(client)
        client.connect(("127.0.0.1", server.port))
        client.sendall(page)
        client.recv(10)


def long_polls(server: Served, stack: ExitStack) -> None:
    url = f"{server.url}/socket.io/?EIO=4&transport=polling"
    for _ in range(10):
        sid = json.loads(requests.get(url, timeout=10).text[1:])["sid"]
        requests.post(f"{url}&sid={sid}", data="40", timeout=10)
        polled = f"GET /socket.io/?EIO=4&transport=polling&sid={sid} HTTP/1.1\r\nHost: x\r\n\r\n".encode()
        dial(server.port, stack, polled)


CLIENTS: list[Callable[[Served, ExitStack], None]] = [
    half_requests,
    half_bodies,
    idle,
    streams,
    sockets_that_read_nothing,
    readers_that_read_nothing_of_a_response,
    long_polls,
]


def fill(server: Served, count: int, size: int = 0) -> None:
    for start in range(0, count, 250):
        events = [bot_status(number) for number in range(start, min(count, start + 250))]
        for event in events:
            event["data"]["note"] = "x" * size
        assert server.post(events).ok


@pytest.mark.parametrize("clients", CLIENTS, ids=lambda clients: clients.__name__)
def test_it_ends_in_time_whatever_its_clients_do(own: Served, clients: Callable[[Served, ExitStack], None]) -> None:
    fill(own, 1000, 2_000)
    with ExitStack() as stack:
        clients(own, stack)
        stop(own)


def test_who_reads_is_told_that_it_restarts_though_others_hang(own: Served) -> None:
    with ExitStack() as stack:
        half_requests(own, stack)
        half_bodies(own, stack)
        client = own.connect(stack)
        subscribe(client, "default")
        stop(own)
        assert closing(client) == (1012, "")


def test_it_ends_in_time_with_thousands_of_locations_that_are_not_folded(tmp_path: Path) -> None:
    count = 6_500
    with Served(tmp_path, JORGE_LOCATIONS_A_TOKEN="100000") as server, ExitStack() as stack:
        for start in range(0, count, 500):
            events = [bot_status(locationid=f"office-{n}") for n in range(start, min(count, start + 500))]
            assert server.post(events, server.bearer("publisher")).ok
        for number in range(0, count, 100):
            subscribe(server.connect(stack), f"office-{number}")
        assert requests.get(f"{server.url}/health", timeout=10).ok
        stop(server)
        server.start()
        stop(server)  # at once: what is folded at the start is not waited for


def test_it_ends_in_time_while_it_translates_and_synchronizes(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as api:  # it takes the question, and never answers
        url = f"http://127.0.0.1:{api.getsockname()[1]}"
        settings = {"JORGE_GHL_TOKEN": "pit-x", "JORGE_GHL_LOCATION": "loc", "JORGE_GHL_BASE_URL": url}
        with Served(tmp_path, JORGE_WORKFLOW_SECRET="0123456789abcdef", **settings) as server:
            question, _ = api.accept()
            headers = {"X-Jorge-Webhook-Secret": "0123456789abcdef"}
            body = {"contact_id": "c", "location": {"id": "loc"}, "first_name": "Dana"}

            def deliver() -> None:
                for number in range(40):
                    requests.post(
                        f"{server.url}/webhooks/ghl/workflow", json=body | {"n": number}, headers=headers, timeout=10
                    )

            threads = [threading.Thread(target=deliver) for _ in range(4)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            stop(server)
            question.close()


def test_it_ends_in_time_in_the_middle_of_a_question_that_takes_long(own: Served) -> None:
    fill(own, 2_000)
    stopped = threading.Event()

    def ask() -> None:
        while not stopped.is_set():
            try:
                own.session.get(f"{own.url}/api/table?kind=bot_status_update&limit=1000", timeout=10)
            except requests.RequestException:
                return

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    try:
        wait_until(lambda: own.get("/api/system")["accepted"] >= 2_000)
        stop(own)
    finally:
        stopped.set()
        for thread in threads:
            thread.join()
