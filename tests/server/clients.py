"""What the server's tests do with a socket again and again."""

import gzip
import json
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection

from tests.served import Served, bot_status

Frame = dict[str, Any]


def receive(client: ClientConnection, timeout: float = 5) -> Frame:
    """Return the next frame, as JSON."""
    raw = client.recv(timeout)
    frame: Frame = json.loads(gzip.decompress(raw) if isinstance(raw, bytes) else raw)
    return frame


def ask(client: ClientConnection, **fields: Any) -> Frame:
    """Send a frame and return the next one that comes."""
    client.send(json.dumps(fields))
    return receive(client)


def subscribe(client: ClientConnection, location: str, **fields: Any) -> Frame:
    """Subscribe on a connection that has just been opened or greeted; return the `subscribed` frame."""
    answer = ask(client, type="subscribe", location=location, **fields)
    while answer["type"] == "connected":
        answer = receive(client)
    return answer


def events_of(frame: Frame) -> list[Frame]:
    """Return what a frame carries: one event, or several."""
    events: list[Frame] = frame["events"] if frame["type"] == "events" else [frame["event"]]
    return events


def next_events(client: ClientConnection, count: int) -> list[Frame]:
    """Return the next so many events."""
    events: list[Frame] = []
    while len(events) < count:
        frame = receive(client)
        if frame["type"] in ("event", "events"):
            events += events_of(frame)
    return events


def read_on(stack: ExitStack, served: Served, headers: dict[str, str]) -> Future[bytes]:
    """Open a stream of server-sent events and read it in the background; return all of it, once it has ended."""
    stream = stack.enter_context(
        served.session.get(f"{served.url}/events/stream", headers=headers, stream=True, timeout=20)
    )
    pool = stack.enter_context(ThreadPoolExecutor(1))
    return pool.submit(lambda: b"".join(stream.iter_content(None)))


def _drain(client: ClientConnection, within_s: float) -> None:
    while True:
        client.recv(within_s)


def closing(client: ClientConnection, within_s: float = 8) -> tuple[int, str]:
    """Read until the server closes; return with what."""
    with pytest.raises(ConnectionClosed) as closed:
        _drain(client, within_s)
    received = closed.value.rcvd
    assert received is not None, closed.value
    return received.code, received.reason


def publish(served: Served, location: str, count: int = 1, **attributes: Any) -> list[Frame]:
    """Publish so many events to a location; return where they stand."""
    events = [bot_status(number, locationid=location, **attributes) for number in range(count)]
    answer = served.post(events)
    assert answer.status_code == 200, answer.text
    results: list[Frame] = answer.json()["results"]
    return results


def seqs(events: list[Frame]) -> list[int]:
    return [event["seq"] for event in events]
