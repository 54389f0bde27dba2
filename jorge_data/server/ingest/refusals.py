"""Refusals: the newest events that were refused, each with its faults and its payload, for the author of the bot."""

import json
from collections import OrderedDict, deque
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from jorge_data.errors import EventRefused, Fault
from jorge_data.events.validation import LOCATION
from jorge_data.server.auth.claims import DEFAULT_LOCATION, Claims

MOST_REFUSALS = 500
"""Refusals of one location in memory; of more, the oldest are dropped, and counted as such."""

MOST_LOCATIONS = 16
"""Locations with refusals in memory; of more, the one without a refusal for longest is dropped."""

PAYLOAD_BYTES = 4096
"""Bytes of a payload in memory: its faults are named beside it."""

_encoder = json.JSONEncoder(ensure_ascii=False)  # which writes NaN and lone surrogates: they may be what was wrong


class Refusal(NamedTuple):
    """One refused event, or a publish that could not be read: when, from whom, why, and its payload."""

    at: datetime
    publisher: str
    reason: str
    faults: tuple[Fault, ...]
    payload: str
    cut: bool

    def as_json(self) -> dict[str, Any]:
        """Return the refusal as `/api/refusals` writes it."""
        return {**self._asdict(), "faults": [fault.as_json() for fault in self.faults]}


@dataclass
class _Ring:
    newest: deque[Refusal] = field(default_factory=lambda: deque(maxlen=MOST_REFUSALS))
    total: int = 0


class Refusals:
    """The newest refusals of each location since this process began, in memory; event loop only."""

    def __init__(self, since: datetime) -> None:
        self.since = since
        self._rings: OrderedDict[str, _Ring] = OrderedDict()

    def add(self, sent: Any, refused: EventRefused, claims: Claims, at: datetime) -> None:
        """Record a refusal, in the location that the event names if its publisher may write there, else its own."""
        location = _location(sent, claims)
        payload, cut = truncated(sent)
        ring = self._rings.setdefault(location, _Ring())
        self._rings.move_to_end(location)
        ring.newest.append(Refusal(at, claims.subject, str(refused), tuple(refused.faults), payload, cut))
        ring.total += 1
        if len(self._rings) > MOST_LOCATIONS:
            self._rings.popitem(last=False)

    def newest(self, location: str, limit: int) -> list[Refusal]:
        """Return a location's newest refusals, newest first."""
        ring = self._rings.get(location, _Ring())
        return list(ring.newest)[: -limit - 1 : -1]

    def counts(self, location: str) -> tuple[int, int]:
        """Return how many events of a location were refused, and how many of these were dropped since."""
        ring = self._rings.get(location, _Ring())
        return ring.total, ring.total - len(ring.newest)

    def drop(self, location: str) -> None:
        """Drop the refusals of a location that is removed."""
        self._rings.pop(location, None)


def truncated(sent: Any) -> tuple[str, bool]:
    """Return the first PAYLOAD_BYTES of a payload, as text, and whether there was more."""
    raw = sent if isinstance(sent, bytes) else _encode(sent)
    return raw[:PAYLOAD_BYTES].decode("utf-8", "replace"), len(raw) > PAYLOAD_BYTES


def _encode(sent: Any) -> bytes:
    """Return the beginning of a payload's JSON, PAYLOAD_BYTES or a little more; less where it is nested too deeply."""
    parts: list[bytes] = []
    size = 0
    try:
        for part in _encoder.iterencode(sent):
            parts.append(part.encode("utf-8", "backslashreplace"))
            size += len(parts[-1])
            if size > PAYLOAD_BYTES:
                break
    except RecursionError:
        parts.append(b"...")
    return b"".join(parts)


def _location(sent: Any, claims: Claims) -> str:
    location = sent.get("locationid") if isinstance(sent, dict) else None
    if claims.location is None and isinstance(location, str) and LOCATION.fullmatch(location):
        return location
    return claims.location or DEFAULT_LOCATION
