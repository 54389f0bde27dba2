"""A vocabulary: the values that a log used of each free dimension, so that no publisher makes cubes grow for ever."""

from collections.abc import Iterable

from jorge_data.metrics.facts.cube import CUBES, FREE
from jorge_data.metrics.facts.fact import Fact

DISTINCT = 200
"""Most values of one free dimension of one kind; further ones count together."""

OTHER = "(other)"
_MEMO = 50_000

Word = tuple[str, str, str]
"""(kind, dim, value)"""

_FREE_AT = {
    kind: [(position, dim) for position, dim in enumerate(cube.dims) if dim in FREE] for kind, cube in CUBES.items()
}


class Vocabulary:
    """Let the first 200 values of each free dimension through and call later ones "(other)".

    What was once let through or not stays so, whatever comes later: a fact is retracted as it was added. Keep the
    words of `take_new` with the cells that they were used in, and begin with all that were kept. One thread at a time.
    """

    def __init__(self, known: Iterable[Word] = ()) -> None:
        self._values: dict[tuple[str, str], set[str]] = {}
        self._new: list[Word] = []
        self._memo: dict[tuple[str, tuple[str, ...]], tuple[str, ...]] = {}
        for kind, dim, value in known:
            self._values.setdefault((kind, dim), set()).add(value)

    def cap(self, kind: str, dim: str, value: str) -> str:
        """Return the value under which this one counts."""
        values = self._values.setdefault((kind, dim), set())
        if value in values or not value:
            return value
        if len(values) >= DISTINCT:
            return OTHER
        values.add(value)
        self._new.append((kind, dim, value))
        return value

    def dims(self, kind: str, dims: tuple[str, ...]) -> tuple[str, ...]:
        """Return a fact's dimensions as they count."""
        known = self._memo.get((kind, dims))
        if known is None:
            known = self._cap_all(kind, dims)
            if len(self._memo) >= _MEMO:
                self._memo.clear()
            self._memo[kind, dims] = known
        return known

    def fact(self, fact: Fact) -> Fact:
        """Return a fact as it counts."""
        if not _FREE_AT[fact.kind]:
            return fact
        dims = self.dims(fact.kind, fact.dims)
        return fact if dims == fact.dims else fact._replace(dims=dims)

    def take_new(self) -> list[Word]:
        """Return the words let through since the last call, to be kept."""
        new, self._new = self._new, []
        return new

    def _cap_all(self, kind: str, dims: tuple[str, ...]) -> tuple[str, ...]:
        capped = list(dims)
        for position, dim in _FREE_AT[kind]:
            capped[position] = self.cap(kind, dim, dims[position])
        return dims if capped == list(dims) else tuple(capped)
