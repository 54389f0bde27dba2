"""A cell: what is known of many facts together, so that cells add up, and can be taken away, exactly."""

from collections.abc import Iterable, Mapping
from itertools import chain
from typing import NamedTuple

import orjson

from jorge_data.metrics.analysis.percentile import percentile
from jorge_data.metrics.histogram import bucket, middle


class Row(NamedTuple):
    """A cell as it is stored; the sketch is JSON: [bin, count, bin, count, …], by bin, no bytes where there is none."""

    n: int
    sum: int
    lo: int | None
    hi: int | None
    sketch: bytes


class Cell:
    """Count facts and one of their measures: number, sum, least, greatest and a quantile sketch.

    All is in the measure's scaled integers, the sketch's values too: divide by the cube's scale. A cell may be a
    difference, and its counts then negative. `lo` and `hi` are only kept where `stretch` is called (facts of events):
    they cannot be taken away again.
    """

    __slots__ = ("bins", "hi", "lo", "n", "sum")

    def __init__(self) -> None:
        self.n = 0
        self.sum = 0
        self.lo: int | None = None
        self.hi: int | None = None
        self.bins: dict[int, int] = {}

    def add(self, value: int | None, times: int = 1) -> None:
        """Count a value so many times, a negative number taking it away; None counts the fact alone."""
        self.n += times
        if value is not None:
            self.sum += times * value
            self._count(bucket(value), times)

    def stretch(self, value: int) -> None:
        """Let the least and the greatest value cover this one."""
        if self.lo is None or value < self.lo:
            self.lo = value
        if self.hi is None or value > self.hi:
            self.hi = value

    def merge(self, other: "Cell") -> None:
        """Add all that `other` counted."""
        self.n += other.n
        self.sum += other.sum
        for index, count in other.bins.items():
            self._count(index, count)
        if other.lo is not None and other.hi is not None:
            self.stretch(other.lo)
            self.stretch(other.hi)

    @property
    def empty(self) -> bool:
        """Say whether nothing is counted, so that a stored row can go."""
        return not (self.n or self.sum or self.bins)

    def quantile(self, q: float) -> float | None:
        """Return the scaled value of nearest rank at `q` (0–1) within 1 %, or None where nothing was counted."""
        index = percentile(self.bins.items(), q)
        return None if index is None else middle(index)

    def distribution(self) -> list[tuple[float, int]]:
        """Return every scaled value of the sketch with its count, ascending."""
        return [(middle(index), count) for index, count in sorted(self.bins.items())]

    def dump(self) -> Row:
        """Return the cell as it is stored."""
        return Row(self.n, self.sum, self.lo, self.hi, dump_bins(self.bins))

    @classmethod
    def load(cls, n: int, sum: int, lo: int | None, hi: int | None, sketch: bytes) -> "Cell":
        """Read a stored cell back."""
        cell = cls()
        cell.n, cell.sum, cell.lo, cell.hi, cell.bins = n, sum, lo, hi, load_bins(sketch)
        return cell

    @classmethod
    def total(cls, cells: Iterable["Cell"]) -> "Cell":
        """Return one cell that counts what all of these count."""
        total = cls()
        for cell in cells:
            total.merge(cell)
        return total

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Cell) and self.dump() == other.dump()

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"Cell(n={self.n}, sum={self.sum}, lo={self.lo}, hi={self.hi}, bins={self.bins})"

    def _count(self, index: int, times: int) -> None:
        count = self.bins.get(index, 0) + times
        if count:
            self.bins[index] = count
        else:
            self.bins.pop(index, None)


def dump_bins(bins: Mapping[int, int]) -> bytes:
    """Write a sketch: no bytes where it is empty."""
    return orjson.dumps(list(chain.from_iterable(sorted(bins.items())))) if bins else b""


def load_bins(sketch: bytes) -> dict[int, int]:
    """Read a sketch back."""
    if not sketch:
        return {}
    flat = orjson.loads(sketch)
    return dict(zip(flat[::2], flat[1::2], strict=True))
