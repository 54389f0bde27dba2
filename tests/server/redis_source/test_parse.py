"""What an entry of the stream, or a message of the channel, may hold."""

import json
from typing import Any

import pytest

from jorge_data.errors import EventRefused
from jorge_data.server.redis_source.parse import read_entry, read_message
from tests.served import bot_status

EVENT = bot_status(id="e-1", locationid="office")


def entry(**fields: bytes | str) -> Any:
    encoded = {name.encode(): value if isinstance(value, bytes) else value.encode() for name, value in fields.items()}
    return read_entry(encoded, "jorge_events:1-0", "default")


@pytest.mark.parametrize("field", ["event", "data"])
def test_one_field_may_hold_the_event(field: str) -> None:
    assert entry(**{field: json.dumps(EVENT)}) == EVENT


def test_the_envelope_may_be_spread_over_fields() -> None:
    flat = {name: value if isinstance(value, str) else json.dumps(value) for name, value in EVENT.items()}
    assert entry(**flat) == EVENT


def test_what_an_event_lacks_is_its_place_in_the_stream() -> None:
    bare = {"type": EVENT["type"], "data": EVENT["data"]}
    lacking = {"id": "jorge_events:1-0", "source": "redis", "locationid": "default"}
    assert entry(event=json.dumps(bare)) == bare | lacking
    assert entry(event=json.dumps(bare | {"id": None})) == bare | lacking


@pytest.mark.parametrize(
    ("fields", "word"),
    [
        ({}, "allowed is a field `event` or `data`"),
        ({"message": "hello"}, "allowed is a field `event` or `data`"),
        ({"event": "{"}, "not JSON"),
        ({"event": b"\xff"}, "not UTF-8"),
        ({"event": "[" * 100_000}, "nested too deeply"),
        ({"type": b"\xff", "data": "{}"}, "not UTF-8"),
        ({"type": "bot_status_update", "data": "{"}, "not JSON"),
    ],
)
def test_what_cannot_be_read_says_why(fields: dict[str, Any], word: str) -> None:
    refused = entry(**fields)
    assert isinstance(refused, EventRefused)
    assert word in str(refused)
    assert refused.id == "jorge_events:1-0"


def test_a_message_is_one_event_or_a_list() -> None:
    assert read_message(json.dumps(EVENT).encode(), "default") == [EVENT]
    assert read_message(json.dumps([EVENT, EVENT]).encode(), "default") == [EVENT, EVENT]


@pytest.mark.parametrize("body", [b"", b"[]", b"hello", b"[" + b"1," * 600 + b"1]"])
def test_a_message_that_cannot_be_read_is_refused(body: bytes) -> None:
    assert all(isinstance(item, EventRefused) for item in read_message(body, "default"))
