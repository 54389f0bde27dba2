"""Publishing what came from Redis, like any publish, and retrying where the store cannot take it."""

import logging
from collections.abc import Iterator, Sequence
from typing import Any

from tenacity import RetryCallState, retry, retry_if_exception_type

from jorge_data.backoff import Backoff
from jorge_data.errors import EventRefused, TooMany, Unavailable
from jorge_data.events.validation import MAX_EVENTS
from jorge_data.server.auth.claims import Claims
from jorge_data.server.ingest.publish import Ingest, Result, publish_events

logger = logging.getLogger(__name__)

CLAIMS = Claims("redis", "publisher")
"""Whoever may write to this Redis may publish: its password takes the place of a token."""


async def publish_received(items: Sequence[Any], ingest: Ingest) -> list[Result]:
    """Return the result of each event, in order, once every valid one is committed, however long that takes.

    An item that could not be parsed is given as its EventRefused, and returned as it is.
    """
    by_location: dict[str, list[Any]] = {}
    for item in items:
        if isinstance(item, EventRefused):
            ingest.telemetry.refused.inc()
        else:
            by_location.setdefault(_location(item), []).append(item)
    # One location at a time can be refused as a whole, and is then tried again: none is acknowledged half.
    results = {location: await _publish_all(some, ingest) for location, some in by_location.items()}
    return [item if isinstance(item, EventRefused) else next(results[_location(item)]) for item in items]


async def _publish_all(items: list[Any], ingest: Ingest) -> Iterator[Result]:
    publishes = (items[first : first + MAX_EVENTS] for first in range(0, len(items), MAX_EVENTS))
    return iter([result for publish in publishes for result in await _publish(publish, ingest)])


def _log_wait(state: RetryCallState) -> None:
    refused = state.outcome.exception() if state.outcome else None
    logger.warning("%d events from Redis wait: %s", len(state.args[0]), refused)


@retry(retry=retry_if_exception_type((TooMany, Unavailable)), wait=Backoff(), before_sleep=_log_wait)
async def _publish(items: list[Any], ingest: Ingest) -> list[Result]:
    return await publish_events(items, CLAIMS, ingest)


def _location(item: Any) -> str:
    return str(item.get("locationid"))[:200] if isinstance(item, dict) else ""
