"""The one cache of the dashboard: responses of the event server and what is computed of them, valid up to a position.

There is one entry for each key, of the newest version. The version holds what the key leaves out, such as the moments
of a span that moves with the clock. A response is valid while the location's log has not grown beyond its position,
and in any case for `fresh_s` seconds; a computed value is valid for `fresh_s` alone. What several threads request at
once is made once, for all of them.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from dataclasses import dataclass
from math import inf
from typing import Any, Protocol, TypeVar, cast

from jorge_data.errors import Unauthenticated
from jorge_data.events import Cursor

MOST = 600
"""Entries; the least recently used one is evicted."""


class Positioned(Protocol):
    """A value that covers a log up to a position."""

    @property
    def position(self) -> Cursor: ...


Value = TypeVar("Value")
Response = TypeVar("Response", bound=Positioned)


@dataclass
class _Entry:
    version: Hashable
    value: Any
    at: float
    location: str
    outdated: bool = False


class Cache:
    """Hold values by key; safe from any thread."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._lock = threading.Lock()  # guards the three below
        self._entries: OrderedDict[Hashable, _Entry] = OrderedDict()
        self._pending: dict[tuple[Hashable, Hashable], Future[Any]] = {}
        self._cleared = 0

    def response(
        self,
        key: Hashable,
        version: Hashable,
        location: str,
        log_end: Cursor | None,
        fresh_s: float,
        fetch: Callable[[], Response],
    ) -> Response:
        """Return a location's response, fetched again once its log has grown and `fresh_s` seconds have passed.

        `log_end` is None where the end of the log is not known.
        """

        return self._get(key, version, lambda entry: self._is_current(entry, fresh_s, log_end), fetch, location)

    def kept(self, key: Hashable, version: Hashable, fresh_s: float, log_end: Cursor | None = None) -> Any | None:
        """Return what is here and valid, as `response` or `computed` would return it; None where there is nothing."""
        with self._lock:
            entry = self._valid(key, version, lambda entry: self._is_current(entry, fresh_s, log_end))
            return None if entry is None else entry.value

    def computed(self, key: Hashable, version: Hashable, compute: Callable[[], Value], fresh_s: float = inf) -> Value:
        """Return what depends on the version alone, computed again after `fresh_s` seconds."""
        return self._get(key, version, lambda entry: self._is_current(entry, fresh_s, None), compute)

    def newest(self, key: Hashable) -> Any | None:
        """Return the value of a key, valid or not; None where there is none."""
        with self._lock:
            entry = self._entries.get(key)
            return None if entry is None else entry.value

    def invalidate(self, location: str) -> None:
        """Mark every response about a location as outdated: someone has just published there."""
        with self._lock:
            for entry in self._entries.values():
                entry.outdated |= entry.location == location

    def clear(self) -> None:
        """Forget every value, those that are being made too: someone is to be forgotten, in whichever of them he is."""
        with self._lock:
            self._entries.clear()
            self._pending.clear()
            self._cleared += 1

    def _is_current(self, entry: _Entry, fresh_s: float, log_end: Cursor | None) -> bool:
        return self._monotonic() - entry.at < fresh_s or (
            log_end is not None and _reaches(entry.value.position, log_end)
        )

    def _valid(self, key: Hashable, version: Hashable, is_valid: Callable[[_Entry], bool]) -> _Entry | None:
        entry = self._entries.get(key)
        if entry is None or entry.outdated or entry.version != version or not is_valid(entry):
            return None
        self._entries.move_to_end(key)
        return entry

    def _get(
        self,
        key: Hashable,
        version: Hashable,
        is_valid: Callable[[_Entry], bool],
        compute: Callable[[], Value],
        location: str = "",
    ) -> Value:
        with self._lock:
            if (entry := self._valid(key, version, is_valid)) is not None:
                return cast(Value, entry.value)
            future, is_ours, cleared = self._pending.get((key, version)), False, self._cleared
            if future is None:
                future, is_ours = self._pending.setdefault((key, version), Future()), True
        if not is_ours:
            try:
                return cast(Value, future.result())
            except Unauthenticated:  # whoever asked is no longer in: that is not said to those who waited with him
                return self._get(key, version, is_valid, compute, location)
        at = self._monotonic()
        try:
            value = compute()
        except BaseException as error:  # raised in every thread that waits for it, and not cached
            with self._lock:
                if self._cleared == cleared:
                    del self._pending[key, version]
            future.set_exception(error)
            raise
        with self._lock:
            if self._cleared == cleared:  # else it may have been made of what is to be forgotten
                del self._pending[key, version]
                self._entries[key] = _Entry(version, value, at, location)
                self._entries.move_to_end(key)
            while len(self._entries) > MOST:
                self._entries.popitem(last=False)
        future.set_result(value)
        return value


def _reaches(position: Cursor, log_end: Cursor) -> bool:
    """Return whether a position is the log's end, in the same epoch."""
    return position.epoch == log_end.epoch and position.seq >= log_end.seq
