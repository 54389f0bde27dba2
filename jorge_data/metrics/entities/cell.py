"""A cell: the aggregate of many facts, which can be added and subtracted; and the delta of a batch."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import chain
from typing import NamedTuple
from zoneinfo import ZoneInfo

from jorge_data.events.timestamps import HOUR, MINUTE, QUARTER
from jorge_data.metrics.entities.cube import CUBES, Fact
from jorge_data.metrics.entities.grain import Grain, day
from jorge_data.metrics.statistics.percentile import percentile
from jorge_data.metrics.statistics.quantile_sketch import bucket, middle


@dataclass(slots=True)
class Cell:
    """The number of facts, and of one of their measures the sum, least, greatest and a quantile sketch.

    All is in the measure's scaled integers, the sketch's values too: divide by the cube's scale. A cell may be a
    difference, and its counts then negative. `lo` and `hi` are set only by `stretch` (facts of events): they cannot
    be subtracted.
    """

    n: int = 0
    sum: int = 0
    lo: int | None = None
    hi: int | None = None
    bins: dict[int, int] = field(default_factory=dict)

    def add(self, value: int | None, times: int = 1) -> None:
        """Count a value so many times, negative to subtract it; None counts the fact alone."""
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
        """Return whether nothing is counted, so that a stored row can be deleted."""
        return not (self.n or self.sum or self.bins)

    def quantile(self, q: float) -> float | None:
        """Return the scaled value of nearest rank at `q` (0–1) within 1 %, or None where nothing was counted."""
        index = percentile(self.bins.items(), q)
        return None if index is None else middle(index)

    def distribution(self) -> list[tuple[float, int]]:
        """Return every scaled value of the sketch with its count, ascending."""
        return [(middle(index), count) for index, count in sorted(self.bins.items())]

    def _count(self, index: int, times: int) -> None:
        count = self.bins.get(index, 0) + times
        if count:
            self.bins[index] = count
        else:
            self.bins.pop(index, None)


_Dims = tuple[str, ...]


class Key(NamedTuple):
    """A cell's key: `bucket` is the start of its span in microseconds; measure "" is the cell that counts facts."""

    kind: str
    measure: str
    grain: Grain
    bucket: int
    dims: _Dims


_Groups = defaultdict[tuple[str, int, _Dims], defaultdict[str, Cell]]
"""By kind, bucket and dimensions: the cells by measure."""


def _groups() -> _Groups:
    return defaultdict(lambda: defaultdict(Cell))


class Delta:
    """Adds facts up and retracts them: each fact once in the finest grain, the coarser ones being sums of the finer.

    Facts before `minutes_since` are not counted by the minute.
    """

    def __init__(self, zone: ZoneInfo, minutes_since: int = 0) -> None:
        self._zone = zone
        self._minutes_since = minutes_since
        self._minutes, self._quarters = _groups(), _groups()

    def add(self, fact: Fact, times: int = 1) -> None:
        """Count a fact so many times; a negative number retracts it."""
        kind, at, dims, measures = fact
        if at >= self._minutes_since:
            group = self._minutes[kind, at - at % MINUTE, dims]
        else:
            group = self._quarters[kind, at - at % QUARTER, dims]
        group[""].n += times
        for name, value in measures:
            cell = group[name]
            cell.add(value, times)
            if not CUBES[kind].entity:
                cell.stretch(value)

    def cells(self) -> dict[Key, Cell]:
        """Return the cells that change; what was added and retracted again is not among them."""
        quarters = _coarser(lambda at: at - at % QUARTER, self._quarters, self._minutes)
        hours = _coarser(lambda at: at - at % HOUR, quarters)
        days = _coarser(lambda at: day(at, self._zone), quarters)
        grains: dict[Grain, _Groups] = {"minute": self._minutes, "quarter": quarters, "hour": hours, "day": days}
        return {
            Key(kind, measure, grain, bucket, dims): cell
            for grain, groups in grains.items()
            for (kind, bucket, dims), group in groups.items()
            for measure, cell in group.items()
            if not cell.empty
        }


def _coarser(start: Callable[[int], int], *finer: _Groups) -> _Groups:
    groups = _groups()
    for (kind, begins, dims), group in chain.from_iterable(each.items() for each in finer):
        coarse = groups[kind, start(begins), dims]
        for measure, cell in group.items():
            coarse[measure].merge(cell)
    return groups
