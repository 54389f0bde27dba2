"""Server-sent events: the same log on the same cursor, for clients without a websocket."""

import json
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.served import Served
from tests.server.clients import publish, seqs


class Reader:
    """Reads one stream, as a browser's EventSource does."""

    def __init__(self, served: Served, stack: ExitStack, headers: dict[str, str] | None = None, **query: str) -> None:
        answer = served.session.get(
            f"{served.url}/events/stream",
            params=query,
            headers={**served.bearer("agent"), **(headers or {})},
            stream=True,
            timeout=10,
        )
        stack.enter_context(answer)
        assert answer.headers["Content-Type"].startswith("text/event-stream")
        self.last_id = ""
        self._lines = (raw.decode() for raw in answer.iter_lines(chunk_size=1))

    def next(self) -> dict[str, Any]:
        for line in self._lines:
            name, _, value = line.partition(": ")
            if name == "id":
                self.last_id = value
            if name == "data":
                data: dict[str, Any] = json.loads(value)
                return data
        raise AssertionError("the stream has ended")

    def events(self, count: int) -> list[dict[str, Any]]:
        return [self.next() for _ in range(count)]


def test_a_stream_begins_with_the_verdict_and_goes_on_live(served: Served, stack: ExitStack, location: str) -> None:
    publish(served, location, 3)
    reader = Reader(served, stack, location=location)
    subscribed = reader.next()
    assert (subscribed["type"], subscribed["recovered"], subscribed["top"]) == ("subscribed", False, 3)
    publish(served, location, 2)
    assert seqs(reader.events(2)) == [4, 5]


def test_a_stream_is_resumed_by_the_last_id(served: Served, stack: ExitStack, location: str) -> None:
    publish(served, location, 5)
    first = Reader(served, stack, location=location, after="oldest")
    assert first.next()["recovered"] is True
    assert seqs(first.events(2)) == [1, 2]
    again = Reader(served, stack, {"Last-Event-ID": first.last_id}, location=location)
    assert again.next()["recovered"] is True
    assert seqs(again.events(3)) == [3, 4, 5]


def test_a_stream_serves_the_kinds_asked_for(served: Served, stack: ExitStack, location: str) -> None:
    data = {"conversation_id": "c", "contact_id": "ann", "kind": "message"}
    publish(served, location, 3)
    publish(served, location, 1, type="conversation_event", data=data)
    reader = Reader(served, stack, location=location, after="oldest", types="conversation_event")
    reader.next()
    assert seqs(reader.events(1)) == [4]


def test_a_stream_ends_when_its_log_is_removed(served: Served, stack: ExitStack, location: str) -> None:
    publish(served, location)
    reader = Reader(served, stack, location=location)
    reader.next()
    served.session.delete(f"{served.url}/api/locations/{location}", headers=served.bearer(), timeout=5)
    with pytest.raises(AssertionError, match="ended"):
        reader.next()


def test_a_server_that_stops_ends_its_streams_and_does_not_wait_for_them(tmp_path: Path) -> None:
    with ExitStack() as stack:
        server = stack.enter_context(Served(tmp_path))
        publish(server, "office", 1)
        reader = Reader(server, stack, location="office", after="oldest")
        reader.next()
        server.stop()
        assert [event["seq"] for event in reader.events(1)] == [1]
        with pytest.raises(AssertionError, match="ended"):
            reader.next()
        assert "Traceback" not in server.log
        assert "Cancel" not in server.log
