"""The one cache of the dashboard: answers and what is made of them, each by its question, right up to a position.

An entry is found by its key, and there is one of each: the newest version. The version is what else it was asked with,
as the moments of a span that moves with the clock. It holds while the office's log is known to go no further than the
entry's position, and in any case for the seconds that its question allows; where time or another office alone changes
it, those seconds are all. What is asked for by several threads at once is made once, for all of them.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from dataclasses import dataclass
from math import inf
from typing import Any, Protocol, TypeVar, cast

from jorge_data.events import Cursor

MOST = 600
"""Entries; the one unasked for longest gives way."""


class Positioned(Protocol):
    """What is right up to a position of a log."""

    @property
    def position(self) -> Cursor: ...


Value = TypeVar("Value")
Answered = TypeVar("Answered", bound=Positioned)


@dataclass
class _Entry:
    version: Hashable
    value: Any
    at: float
    location: str
    outdated: bool = False


class Cache:
    """Keep values by key; safe from any thread.

    `position` tells up to which event of a location's log is known, None where there may be more than that.
    """

    def __init__(self, position: Callable[[str], Cursor | None], monotonic: Callable[[], float]) -> None:
        self._position, self._monotonic = position, monotonic
        self._lock = threading.Lock()  # guards the two below
        self._entries: OrderedDict[Hashable, _Entry] = OrderedDict()
        self._under_way: dict[tuple[Hashable, Hashable], Future[Any]] = {}

    def answer(
        self, key: Hashable, version: Hashable, location: str, fresh_s: float, ask: Callable[[], Answered]
    ) -> Answered:
        """Return what is known of a location, asked anew where its log went on and `fresh_s` have passed."""
        top = self._position(location)

        def holds(entry: _Entry) -> bool:
            return self._age_s(entry) < fresh_s or _reaches(entry.value.position, top)

        return self._get(key, version, holds, ask, location)

    def made(self, key: Hashable, version: Hashable, make: Callable[[], Value], fresh_s: float = inf) -> Value:
        """Return what is made of the version alone, and so need not be made anew before `fresh_s` have passed."""
        return self._get(key, version, lambda entry: self._age_s(entry) < fresh_s, make)

    def newest(self, key: Hashable) -> Any | None:
        """Return the value of a key whether it holds or not; None where there is none."""
        with self._lock:
            entry = self._entries.get(key)
            return None if entry is None else entry.value

    def outdate(self, location: str) -> None:
        """Let no answer about a location hold any longer: someone has just published there."""
        with self._lock:
            for entry in self._entries.values():
                entry.outdated |= entry.location == location

    def _age_s(self, entry: _Entry) -> float:
        return self._monotonic() - entry.at

    def _get(
        self,
        key: Hashable,
        version: Hashable,
        holds: Callable[[_Entry], bool],
        make: Callable[[], Value],
        location: str = "",
    ) -> Value:
        with self._lock:
            entry = self._entries.get(key)
            if entry is not None and not entry.outdated and entry.version == version and holds(entry):
                self._entries.move_to_end(key)
                return cast(Value, entry.value)
            task, mine = self._under_way.get((key, version)), False
            if task is None:
                task, mine = self._under_way.setdefault((key, version), Future()), True
        if mine:
            at = self._monotonic()
            try:
                value = make()
            except BaseException as error:  # told to everybody who waits for it, and not kept
                task.set_exception(error)
            else:
                self._keep(key, _Entry(version, value, at, location))
                task.set_result(value)
            finally:
                with self._lock:
                    del self._under_way[key, version]
        return cast(Value, task.result())

    def _keep(self, key: Hashable, entry: _Entry) -> None:
        with self._lock:
            self._entries[key] = entry
            self._entries.move_to_end(key)
            while len(self._entries) > MOST:
                self._entries.popitem(last=False)


def _reaches(position: Cursor, top: Cursor | None) -> bool:
    """Say whether a position is the log's known end, in the same life of it."""
    return top is not None and position.epoch == top.epoch and position.seq >= top.seq
