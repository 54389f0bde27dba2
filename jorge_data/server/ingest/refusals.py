"""Refusals: the newest events that were refused, each with its faults and its payload, for the author of the bot."""

import json
from collections import OrderedDict, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from heapq import merge
from itertools import islice
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
    """The newest refusals of each location since this process began, in memory; event loop only.

    What names no sound single location is unplaced: it may be of any office, so it is for readers of all of them, and
    it is dropped as soon as one of them is removed.
    """

    def __init__(self, since: datetime) -> None:
        self.since = since
        self._rings: OrderedDict[str | None, _Ring] = OrderedDict()

    def add(self, sent: Any, refused: EventRefused, claims: Claims, at: datetime) -> None:
        """Record a refusal: a bound publisher's in its own location, else in the one that `sent` names, or unplaced."""
        location = claims.location or _location(sent)
        payload, cut = truncated(sent)
        ring = self._rings.setdefault(location, _Ring())
        self._rings.move_to_end(location)
        ring.newest.append(Refusal(at, claims.subject, str(refused), tuple(refused.faults), payload, cut))
        ring.total += 1
        if len(self._rings) > MOST_LOCATIONS:
            self._rings.popitem(last=False)

    def newest(self, location: str, limit: int, unplaced: bool = False) -> list[Refusal]:
        """Return a location's newest refusals, newest first; `unplaced`: among them what names no location."""
        rings = self._of(location, unplaced)
        return list(islice(merge(*(reversed(ring.newest) for ring in rings), key=_moment, reverse=True), limit))

    def counts(self, location: str, unplaced: bool = False) -> tuple[int, int]:
        """Return how many events of a location were refused, and how many of these were dropped since."""
        rings = self._of(location, unplaced)
        total = sum(ring.total for ring in rings)
        return total, total - sum(len(ring.newest) for ring in rings)

    def drop(self, location: str) -> None:
        """Drop the refusals of a location that is removed, and the unplaced ones, which may be of it."""
        for each in (location, None):
            self._rings.pop(each, None)

    def forget(self, location: str, is_about: Callable[[str], bool]) -> None:
        """Drop the refusals of a location, and the unplaced ones, whose payload a function says is to be forgotten."""
        for ring in self._of(location, unplaced=True):
            kept = [each for each in ring.newest if not is_about(each.payload) and not is_about(each.reason)]
            ring.newest.clear()
            ring.newest.extend(kept)

    def _of(self, location: str, unplaced: bool) -> list[_Ring]:
        return [self._rings[each] for each in ((location, None) if unplaced else (location,)) if each in self._rings]


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


def _moment(refusal: Refusal) -> datetime:
    return refusal.at


def _location(sent: Any) -> str | None:
    """Return the one location that an event, or every event of a publish, is for; None where there is no such one."""
    items: Sequence[Any] = sent if isinstance(sent, list) else [sent]
    first = items[0].get("locationid", DEFAULT_LOCATION) if items and isinstance(items[0], dict) else None
    if not isinstance(first, str) or not LOCATION.fullmatch(first):
        return None
    alike = all(isinstance(item, dict) and item.get("locationid", DEFAULT_LOCATION) == first for item in items)
    return first if alike else None
