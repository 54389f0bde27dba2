"""Counts by key that can be added and subtracted; without pandas, which the event server does not load."""

from collections.abc import Hashable, Mapping
from typing import TypeVar

K = TypeVar("K", bound=Hashable)


class KeyCounter(dict[K, int]):
    """Counts by key; integers alone, so that merging and subtracting in any order is exact."""

    def add(self, key: K, n: int = 1) -> None:
        """Count `n` more under `key`."""
        self[key] = self.get(key, 0) + n

    def of(self, key: K) -> int:
        """Return the count under `key`, 0 where nothing was counted."""
        return self.get(key, 0)

    def merge(self, other: Mapping[K, int]) -> None:
        """Add all that `other` counted."""
        get = self.get
        for key, n in other.items():
            self[key] = get(key, 0) + n

    def subtract(self, other: Mapping[K, int]) -> None:
        """Subtract what was once merged; a key that falls to zero is removed."""
        for key, n in other.items():
            difference = self.get(key, 0) - n
            if difference:
                self[key] = difference
            else:
                self.pop(key, None)


def share(part: int, others: int) -> float | None:
    """Return part / (part + others), None where nothing was counted."""
    return part / (part + others) if part + others else None


def active(begun: float | None, opted_out: float | None, over: float | None) -> float | None:
    """Return how many conversations overlap a period and did not opt out by its end; None where none had begun.

    Of kind=conversation_edge, agg=count: `begun` where edge:eq:first and `opted_out` where edge:eq:opted_out up to the
    period's end, `over` where edge:eq:last up to its start.
    """
    return None if begun is None else begun - (opted_out or 0) - (over or 0)
