"""Counts by key that add up and can be taken away again, and an answer's counts by its splits."""

from collections.abc import Hashable, Mapping
from typing import TypeVar

import pandas as pd

K = TypeVar("K", bound=Hashable)


class KeyCounter(dict[K, int]):
    """Count by key; integers alone, so that merging and subtracting in any order is exact."""

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
        """Take away what was once merged; a key that falls to zero is gone."""
        for key, n in other.items():
            left = self.get(key, 0) - n
            if left:
                self[key] = left
            else:
                self.pop(key, None)


def share(part: int, rest: int) -> float | None:
    """Return part / (part + rest), or None where nothing was counted."""
    return part / (part + rest) if part + rest else None


def totals(frame: pd.DataFrame, by: str) -> dict[str, int]:
    """Return how many facts each part of one split has (agg=count), all steps together."""
    return {name: n for (name,), n in counts(frame, by).items()}


def counts(frame: pd.DataFrame, *by: str) -> KeyCounter[tuple[str, ...]]:
    """Return how many facts each combination of the splits has (agg=count), all steps together."""
    total: KeyCounter[tuple[str, ...]] = KeyCounter()
    if frame.empty:
        return total
    for *key, n in zip(*(frame[name] for name in (*by, "value")), strict=True):
        total.add(tuple(map(str, key)), int(n))
    return total
