"""Parsing: one entry of the stream, or one message of the channel, to would-be events, or to a refusal."""

from collections.abc import Mapping
from typing import Any

from jorge_data.errors import EventRefused, Fault, Invalid, RequestRefused
from jorge_data.events import decode_json, split
from jorge_data.events.encoding import show

SOURCE = "redis"
"""The source of events that name none."""

Fields = Mapping[bytes, bytes]

ALLOWED = "a field `event` or `data` with one event as JSON, or the fields of the envelope with `data` as JSON"


def read_entry(fields: Fields, identifier: str, location: str) -> Any:
    """Return the would-be event of a stream's entry, completed with an id, a source and a location.

    An entry holds its event as JSON in `event`, or spread over the fields `type`, `source`, … with `data` as JSON, or
    as JSON in `data` alone. What cannot be read is returned as EventRefused.
    """
    try:
        return _addressed(_event(fields), identifier, location)
    except RequestRefused as refused:
        return EventRefused([Fault("", show(dict(fields)), str(refused))], identifier)


def read_message(body: bytes, location: str) -> list[Any]:
    """Return the would-be events of a channel's message, each completed with a source and a location."""
    try:
        return [_addressed(item, None, location) for item in split(decode_json(body))]
    except RequestRefused as refused:
        return [EventRefused([Fault("", show(body), str(refused))])]


def _event(fields: Fields) -> Any:
    if b"event" in fields:
        return decode_json(fields[b"event"])
    if b"type" in fields:
        return {_text(name): decode_json(value) if name == b"data" else _text(value) for name, value in fields.items()}
    if b"data" in fields:
        return decode_json(fields[b"data"])
    raise Invalid(f"allowed is {ALLOWED}")


def _addressed(item: Any, identifier: str | None, location: str) -> Any:
    if not isinstance(item, dict):
        return item
    defaults = {"id": identifier, "source": SOURCE, "locationid": location}
    return item | {name: value for name, value in defaults.items() if item.get(name) is None}


def _text(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError as error:
        raise Invalid(f"a field is not UTF-8: {error.reason} at byte {error.start}") from None
