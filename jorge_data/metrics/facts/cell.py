"""A cell: what is known of many facts together, so that cells add up, and can be taken away, exactly."""

from jorge_data.metrics.analysis.percentile import percentile
from jorge_data.metrics.histogram import bucket, middle


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

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Cell) and all(getattr(self, name) == getattr(other, name) for name in self.__slots__)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"Cell(n={self.n}, sum={self.sum}, lo={self.lo}, hi={self.hi}, bins={self.bins})"

    def _count(self, index: int, times: int) -> None:
        count = self.bins.get(index, 0) + times
        if count:
            self.bins[index] = count
        else:
            self.bins.pop(index, None)
