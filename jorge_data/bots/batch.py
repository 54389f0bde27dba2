"""Publishes as the contract allows them: at most 500 events and 1 MiB each, every event named once and for all."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import orjson

from jorge_data.events import new_id
from jorge_data.events.validation import MAX_EVENTS, MAX_PUBLISH_BYTES


def batches(events: Iterable[Mapping[str, Any]]) -> Iterator[bytes]:
    """Yield the bodies of the publishes that carry these events, in order."""
    batch: list[bytes] = []
    size = 2
    for event in events:
        # The id is set before the first attempt: a retry is then the same event, never a second one.
        body = orjson.dumps(event if event.get("id") else {**event, "id": new_id()})
        if batch and (len(batch) == MAX_EVENTS or size + len(body) + 1 > MAX_PUBLISH_BYTES):
            yield joined(batch)
            batch, size = [], 2
        batch.append(body)
        size += len(body) + 1
    if batch:
        yield joined(batch)


def joined(batch: Iterable[bytes]) -> bytes:
    """Return the JSON list of events that are JSON already."""
    return b"[" + b",".join(batch) + b"]"
