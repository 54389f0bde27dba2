"""Minute buckets, and totals over spans of them that roll on instead of being summed anew."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from jorge_data.metrics.statistics.counter import KeyCounter

T = TypeVar("T", bound=KeyCounter[Any])


@dataclass
class _Total(Generic[T]):
    first: int
    end: int
    sum: T


class RollingWindow(Generic[T]):
    """Count by minute; an event counts in its own minute however late it comes.

    Totals are a cache of what the buckets say: not part of a checkpoint, and for one thread at a time.
    """

    def __init__(self, make: Callable[[], T]) -> None:
        self._make = make
        self._buckets: dict[int, T] = {}
        self._totals: dict[str, _Total[T]] = {}

    def add(self, minute: int, key: Any, n: int = 1) -> None:
        """Count `n` more under `key` in this minute."""
        bucket = self._buckets.get(minute)
        if bucket is None:
            bucket = self._buckets[minute] = self._make()
        bucket.add(key, n)
        for total in self._totals.values():
            if total.first <= minute < total.end:
                total.sum.add(key, n)

    def at(self, minute: int) -> T | None:
        """Return this minute's counts, None where nothing was counted."""
        return self._buckets.get(minute)

    def total(self, name: str, first: int, end: int) -> T:
        """Return the sum over minutes `first` to before `end`; the next call under the same name only rolls it on."""
        total = self._totals.get(name)
        if total is None or first >= total.end or end <= total.first:
            total = self._totals[name] = _Total(first, end, self._make())
            for minute, bucket in self._buckets.items():
                if first <= minute < end:
                    total.sum.merge(bucket)
        elif (first, end) != (total.first, total.end):
            self._roll(total, first, end)
        return total.sum

    def expire(self, before: int) -> None:
        """Forget every minute before this one."""
        for minute in [minute for minute in self._buckets if minute < before]:
            del self._buckets[minute]
        # A total that reaches further back could no longer subtract what was forgotten.
        self._totals = {name: total for name, total in self._totals.items() if total.first >= before}

    def dump(self) -> list[Any]:
        return [[minute, [[key, n] for key, n in bucket.items()]] for minute, bucket in self._buckets.items()]

    def load(self, dump: list[Any]) -> None:
        for minute, counts in dump:
            self._buckets[minute] = self._make()
            self._buckets[minute].update(counts)

    def _roll(self, total: _Total[T], first: int, end: int) -> None:
        self._shift(total.sum.subtract, total.first, first)
        self._shift(total.sum.merge, first, total.first)
        self._shift(total.sum.merge, total.end, end)
        self._shift(total.sum.subtract, end, total.end)
        total.first, total.end = first, end

    def _shift(self, change: Callable[[T], None], start: int, stop: int) -> None:
        for minute in range(start, stop):
            if (bucket := self._buckets.get(minute)) is not None:
                change(bucket)
