"""Confusion: the categories that the decoder predicted against those that people labelled."""

from dataclasses import dataclass

import pandas as pd

from jorge_data.metrics.statistics.counter import KeyCounter
from jorge_data.metrics.statistics.frame_counts import counts
from jorge_data.metrics.statistics.interval import Interval, wilson


@dataclass(frozen=True)
class Confusion:
    """The labelled analyses by (predicted, actual)."""

    cells: KeyCounter[tuple[str, ...]]

    @property
    def names(self) -> list[str]:
        return sorted({name for cell in self.cells for name in cell})

    @property
    def n(self) -> int:
        return sum(self.cells.values())

    @property
    def right(self) -> int:
        return sum(self.cells.of((name, name)) for name in self.names)

    @property
    def accuracy(self) -> float | None:
        """Return right / n, None without labels."""
        return self.right / self.n if self.n else None

    @property
    def interval(self) -> Interval | None:
        """Return Wilson's 95 % interval of the accuracy, None without labels."""
        return wilson(self.right, self.n)

    @property
    def matrix(self) -> pd.DataFrame:
        """Return counts, a row for each actual category and a column for each predicted one."""
        names = self.names
        rows = [[self.cells.of((predicted, actual)) for predicted in names] for actual in names]
        return pd.DataFrame(rows, index=pd.Index(names, name="actual"), columns=pd.Index(names, name="predicted"))


def confusion(frame: pd.DataFrame) -> Confusion:
    """Return the matrix, of kind=intent_label, agg=count, by=predicted,actual."""
    return Confusion(counts(frame, "predicted", "actual"))
