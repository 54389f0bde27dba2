"""A delta: what a batch of facts changes in the cells."""

from collections.abc import Callable
from typing import NamedTuple
from zoneinfo import ZoneInfo

from jorge_data.metrics.facts.cell import Cell
from jorge_data.metrics.facts.cube import CUBES
from jorge_data.metrics.facts.fact import Fact
from jorge_data.metrics.facts.grain import Grain, day, hour, minute, quarter

_Dims = tuple[str, ...]


class Key(NamedTuple):
    """Name a cell: `bucket` is the start of its span in microseconds; measure "" is the cell that counts facts."""

    kind: str
    measure: str
    grain: Grain
    bucket: int
    dims: _Dims


class _Group(dict[str, Cell]):
    """The cells of one kind, bucket and combination of dimensions, by measure."""

    def __missing__(self, measure: str) -> Cell:
        cell = self[measure] = Cell()
        return cell


_Groups = dict[tuple[str, int, _Dims], _Group]


class Delta:
    """Add facts up, and retract them: each fact once in the finest grain, the coarser ones being sums of the finer.

    Facts before `minutes_since` are not counted by the minute.
    """

    def __init__(self, zone: ZoneInfo, minutes_since: int = 0) -> None:
        self._zone = zone
        self._minutes_since = minutes_since
        self._minutes: _Groups = {}
        self._quarters: _Groups = {}

    def add(self, fact: Fact, times: int = 1) -> None:
        """Count a fact so many times; a negative number retracts it."""
        kind, at, dims, measures = fact
        if at >= self._minutes_since:
            groups, bucket = self._minutes, minute(at)
        else:
            groups, bucket = self._quarters, quarter(at)
        group = groups.get((kind, bucket, dims))
        if group is None:
            group = groups[kind, bucket, dims] = _Group()
        group[""].n += times
        for name, value in measures:
            cell = group[name]
            cell.add(value, times)
            if not CUBES[kind].entity:
                cell.stretch(value)

    def cells(self) -> dict[Key, Cell]:
        """Return all that changes; what was added and retracted again does not."""
        quarters = _coarser(self._minutes, quarter, self._quarters)
        hours = _coarser(quarters, hour, {})
        days = _coarser(quarters, lambda bucket: day(bucket, self._zone), {})
        grains: dict[Grain, _Groups] = {"minute": self._minutes, "quarter": quarters, "hour": hours, "day": days}
        return {
            Key(kind, measure, grain, bucket, dims): cell
            for grain, groups in grains.items()
            for (kind, bucket, dims), group in groups.items()
            for measure, cell in group.items()
            if not cell.empty
        }


def _coarser(finer: _Groups, start: Callable[[int], int], into: _Groups) -> _Groups:
    groups = {key: _copy(group) for key, group in into.items()}
    for (kind, bucket, dims), group in finer.items():
        key = (kind, start(bucket), dims)
        if (coarse := groups.get(key)) is None:
            coarse = groups[key] = _Group()
        for measure, cell in group.items():
            coarse[measure].merge(cell)
    return groups


def _copy(group: _Group) -> _Group:
    copy = _Group()
    for measure, cell in group.items():
        copy[measure].merge(cell)
    return copy
