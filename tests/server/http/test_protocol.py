"""One connection, in bytes: what has no end is refused before the server grows with it, and what is long is taken."""

import itertools
import json
import socket
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
import requests
from fastapi import FastAPI

from jorge_data.server import doorway
from jorge_data.server.http import protocol
from tests.chaos.stalled import HANDSHAKE, resident_bytes
from tests.served import Served, bot_status
from tests.server.inside import Inside
from tests.waiting import wait_until

GET = b"GET /health HTTP/1.1\r\nHost: test\r\n"
CHUNKED = b"POST /events HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n"
GROWN = 24 << 20
"""Bytes by which a busy server grows whoever sends; without a bound it was 1.3 GB in six seconds."""

ENDLESS = 48 << 20
"""Bytes that are sent where nothing stops us."""


def headers() -> Iterator[bytes]:
    return (b"x-%d: %s\r\n" % (number, b"y" * 50) for number in itertools.count())


def one_line(byte: bytes) -> Iterator[bytes]:
    return itertools.repeat(byte * 65_536)


UPGRADE = HANDSHAKE.format(port=1).encode().removesuffix(b"\r\n")

UNKNOWN = 401
"""Who sends no token is told that, or that it is too much, whichever is found first."""

ATTACKS: dict[str, tuple[bytes, Iterator[bytes], int]] = {
    "headers": (GET, headers(), 431),
    "headers of a handshake": (UPGRADE, headers(), 431),
    "the name of a header": (GET, one_line(b"n"), 431),
    "the value of a header": (GET + b"x: ", one_line(b"v"), 431),
    "the address": (b"GET /", one_line(b"a"), 414),
    "the method": (b"", one_line(b"G"), 400),
    "empty lines": (b"", one_line(b"\r\n"), 431),
    "the extension of a chunk": (CHUNKED + b"1;", one_line(b"e"), UNKNOWN),
    "extensions of chunks": (CHUNKED, itertools.repeat(b"1;%s\r\nx\r\n" % (b"e" * 4000)), UNKNOWN),
    "trailers": (CHUNKED + b"0\r\n", headers(), UNKNOWN),
    "a body": (b"POST /health HTTP/1.1\r\nHost: test\r\nContent-Length: 999999999999\r\n\r\n", one_line(b"b"), 405),
    "requests": (b"", itertools.repeat(GET + b"\r\n"), 200),
}
"""What begins a connection, what follows for ever, and the status that is answered first."""


def in_pieces(endless: Iterator[bytes]) -> Iterator[bytes]:
    while True:
        yield b"".join(itertools.islice(endless, 1000))[: 1 << 16]


@pytest.mark.parametrize("attack", ATTACKS)
def test_what_has_no_end_is_cut_off_and_the_server_does_not_grow(served: Served, attack: str) -> None:
    begin, endless, status = ATTACKS[attack]
    grown = resident_bytes(served.process.pid)
    sent = 0
    with socket.create_connection(("127.0.0.1", served.port), timeout=10) as client:
        client.sendall(begin)
        with suppress(OSError):
            for piece in in_pieces(endless):
                client.sendall(piece)
                sent += len(piece)
                if sent > ENDLESS:
                    break
        answered = b""
        with suppress(OSError):
            answered = client.recv(1 << 16)
    assert resident_bytes(served.process.pid) - grown < GROWN
    assert sent < ENDLESS, "it was read for ever"
    first = int(answered[9:12])
    assert first in ({401, 431} if status == UNKNOWN else {status})
    if first in (400, 414, 431):
        head, _, body = answered.partition(b"\r\n\r\n")
        assert b"connection: close" in head.lower()
        assert set(json.loads(body)["error"]) == {"code", "detail"}


def exchange(served: Served, request: bytes) -> bytes:
    """Return all that is answered to a request until the server ends the connection, or has sent its whole response."""
    with socket.create_connection(("127.0.0.1", served.port), timeout=10) as client:
        client.sendall(request)
        answer = b""
        with suppress(TimeoutError):
            while data := client.recv(1 << 16):
                answer += data
        return answer


CLOSE = b"Connection: close\r\n"


@pytest.mark.parametrize(
    "request_",
    [
        GET + CLOSE + b"".join(b"x-%d: y\r\n" % number for number in range(protocol.MAX_HEADERS - 2)) + b"\r\n",
        GET + CLOSE + b"x: " + b"y" * (protocol.MAX_HEAD_BYTES - 100) + b"\r\n\r\n",
        b"GET /health?" + b"a" * (protocol.MAX_URL_BYTES - 12) + b" HTTP/1.1\r\nHost: test\r\n" + CLOSE + b"\r\n",
    ],
    ids=["many headers", "a long header", "a long address"],
)
def test_what_is_long_is_taken(served: Served, request_: bytes) -> None:
    assert exchange(served, request_).startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (GET + b"".join(b"x-%d: y\r\n" % number for number in range(protocol.MAX_HEADERS)) + b"\r\n", 431),
        (GET + b"x: " + b"y" * protocol.MAX_HEAD_BYTES + b"\r\n\r\n", 431),
        (b"GET /health?" + b"a" * protocol.MAX_URL_BYTES + b" HTTP/1.1\r\nHost: test\r\n\r\n", 414),
        (b"GET /health HTTP/9.9\r\n\r\n", 400),
        (UPGRADE + b"x: " + b"y" * 10_000 + b"\r\n\r\n", 400),
        (UPGRADE + b"Content-Length: 3\r\n\r\nabc", 400),
    ],
    ids=["headers", "a header", "an address", "no HTTP", "a handshake's line", "its body"],
)
def test_what_is_too_long_or_no_request_is_answered_and_ends_its_connection(
    served: Served, request_: bytes, status: int
) -> None:
    answer = exchange(served, request_)
    assert answer.startswith(b"HTTP/1.1 %d " % status)
    assert "detail" in json.loads(answer.partition(b"\r\n\r\n")[2])["error"]


def test_a_body_in_many_small_chunks_is_taken(served: Served, location: str) -> None:
    event = {"type": "bot_status_update", "source": "chunks", "locationid": location}
    event |= {"data": {"bot_type": "b", "status": "idle", "note": "n" * 5_000}}  # type: ignore[dict-item]
    body = json.dumps(event).encode()
    head = CHUNKED.removesuffix(b"\r\n") + f"Authorization: Bearer {served.token()}\r\n".encode() + CLOSE + b"\r\n"
    chunks = b"".join(b"1;a=b\r\n%c\r\n" % byte for byte in body)
    assert exchange(served, head + chunks + b"0\r\nX-Trailer: 1\r\n\r\n").startswith(b"HTTP/1.1 200 ")


def test_requests_one_after_another_on_one_connection_are_answered_in_order(served: Served) -> None:
    requests = (
        (GET + b"\r\n") * (protocol.MOST_QUEUED - 1) + b"GET /nothing HTTP/1.1\r\nHost: test\r\n" + CLOSE + b"\r\n"
    )
    answer = exchange(served, requests)
    assert answer.count(b"HTTP/1.1 200 ") == protocol.MOST_QUEUED - 1
    assert b"HTTP/1.1 404 " in answer.rpartition(b"HTTP/1.1 200 ")[2]


def test_who_leaves_a_stream_behind_another_request_is_let_go_of(tmp_path: Path) -> None:
    with Inside(tmp_path) as inside:
        app = inside.config.app
        assert isinstance(app, FastAPI)
        readers = app.state.context.handle("default").tail.readers
        stream = f"GET /events/stream HTTP/1.1\r\nHost: 127.0.0.1:{inside.port}\r\n\r\n".encode()
        with socket.create_connection(("127.0.0.1", inside.port), timeout=10) as client:
            client.sendall(stream + GET + b"\r\n")
            wait_until(lambda: len(readers) == 1)
        wait_until(lambda: not readers)


def test_half_a_request_is_waited_for_so_long_and_no_longer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HEAD_WITHIN_S", "BODY_WITHIN_S"):
        monkeypatch.setattr(protocol, name, 0.2)
    monkeypatch.setattr(doorway, "LOOKED_AT_EVERY_S", 0.05)
    with Inside(tmp_path) as inside:
        begun = {
            "nothing": b"",
            "half a head": GET,
            "half a body": b"POST /health/nothing HTTP/1.1\r\nHost: test\r\nContent-Length: 9\r\n\r\nabc",
            "a body announced": b"PUT /x HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 9\r\n\r\n",
        }
        answers = {}
        for name, sent in begun.items():
            with socket.create_connection(("127.0.0.1", inside.port), timeout=10) as client:
                client.sendall(sent)
                answer = b""
                while data := client.recv(1 << 16):  # until it is closed
                    answer += data
                answers[name] = answer[:12]
    assert answers == {
        "nothing": b"",
        "half a head": b"HTTP/1.1 408",
        "half a body": b"HTTP/1.1 404",  # which nobody read the body for
        "a body announced": b"HTTP/1.1 404",
    }


def test_a_body_that_comes_slowly_but_comes_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "BODY_WITHIN_S", 0.2)
    monkeypatch.setattr(protocol, "BODY_BYTES_A_SECOND", 10)
    monkeypatch.setattr(doorway, "LOOKED_AT_EVERY_S", 0.05)
    looks = threading.Event()
    look = doorway.Doorway.look

    def look_and_say_so(self: doorway.Doorway, now: float) -> None:
        look(self, now)
        looks.set()

    monkeypatch.setattr(doorway.Doorway, "look", look_and_say_so)
    with Inside(tmp_path) as inside:
        token = inside.tokens.issue("publisher", "slow", 60)
        body = json.dumps(bot_status()).encode()
        head = (
            f"POST /events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        with socket.create_connection(("127.0.0.1", inside.port), timeout=10) as client:
            client.sendall(head.encode())
            for byte in body:  # no faster than it is looked at
                client.send(bytes([byte]))
                looks.clear()
                assert looks.wait(10)
            assert client.recv(1 << 16).startswith(b"HTTP/1.1 200 ")


def test_who_reads_nothing_of_a_long_response_is_let_go_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "READ_WITHIN_S", 0.2)
    monkeypatch.setattr(doorway, "LOOKED_AT_EVERY_S", 0.05)
    with Inside(tmp_path) as inside:
        headers = {"Authorization": f"Bearer {inside.tokens.issue('admin', 'ann', 60)}"}
        events = [bot_status(number) for number in range(250)]
        for event in events:
            event["data"]["note"] = "x" * 4_000
        for _ in range(4):
            fresh = [event | {"id": f"{_}-{number}"} for number, event in enumerate(events)]
            requests.post(f"{inside.url}/events", json=fresh, headers=headers, timeout=10).raise_for_status()
        client = socket.socket()
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        with client:
            client.connect(("127.0.0.1", inside.port))
            page = f"GET /events?after=oldest&limit=1000 HTTP/1.1\r\nHost: 127.0.0.1:{inside.port}\r\n\r\n"
            client.sendall(page.encode())
            wait_until(lambda: not inside.server.server_state.connections)
