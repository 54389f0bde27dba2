"""What folding a log leaves behind, and filters of it: cells, entities, their facts, and the watermark.

All sums and measures are scaled integers and all moments microseconds since 1970: the store adds and compares, and
knows no kind by its name.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from jorge_data.events import Cursor
from jorge_data.store.event_filter import Condition, Conditions

EntityOrder = Literal["at", "name", "value", "match"]
"""`match`: how close an entity is to what is searched for."""


class Watermark(NamedTuple):
    """Up to where a log is folded, by which rules; `minutes_from`: rows of minutes before it are gone.

    `mixed`: rules may have changed where events were lost, so that some of it counts by other rules than the last.
    `left_out`: the names of the archive's files that could not be read when their turn came.
    """

    cursor: Cursor
    rules: str
    newest: int = 0
    minutes_from: int = 0
    mixed: bool = False
    left_out: tuple[str, ...] = ()


class CellDelta(NamedTuple):
    """What is added to one row of the rollups; a negative `n` takes away what was once added."""

    kind: str
    measure: str  # empty for the row that counts facts
    grain: str
    bucket: int
    dims: tuple[str, ...]
    n: int
    sum: int = 0
    lo: int | None = None
    hi: int | None = None
    sketch: Mapping[int, int] | None = None


class EntityRow(NamedTuple):
    """One entity as it is now: its state, as bytes that only its folder understands, and what lists show of it."""

    family: str
    key: str
    at: int
    name: str
    value: int | None
    status: str | None
    summary: str  # JSON
    state: bytes


class FactRow(NamedTuple):
    """One countable thing that an entity contributes."""

    kind: str
    at: int
    entity: str
    dims: tuple[str, ...]
    measures: str = "{}"  # JSON


@dataclass(frozen=True)
class Flush:
    """All that folding one batch of a log changed; written as one, or not at all where the log has moved on.

    `expired`: the kinds and measures whose rows of minutes before `to.minutes_from` go.
    """

    after: Watermark | None
    to: Watermark
    cells: Sequence[CellDelta] = ()
    entities: Sequence[EntityRow] = ()
    retracted: Sequence[FactRow] = ()
    added: Sequence[FactRow] = ()
    words: Sequence[tuple[str, str, str]] = ()  # (kind, dim, value) that count under their own name
    expired: Sequence[tuple[str, str]] = ()

    @property
    def names(self) -> frozenset[str]:
        """Return the kinds of fact, the families of entity and the entities (family/key) that change."""
        facts = {fact.kind for fact in (*self.retracted, *self.added)}
        entities = {f"{entity.family}/{entity.key}" for entity in self.entities}
        families = {entity.family for entity in self.entities}
        return frozenset({cell.kind for cell in self.cells} | facts | families | entities)


class GrainRange(NamedTuple):
    """Rows of one grain in a half-open range of time, and the number of the response's bucket that they count for."""

    bucket: int
    grain: str
    start: int
    end: int


class RollupFilter(NamedTuple):
    """Which cells: of a kind and measure, by columns, under conditions whose fields are columns too (`d0` … `d7`).

    `ends`: with the least and the greatest value.
    """

    kind: str
    measure: str
    by: tuple[str, ...] = ()
    conditions: tuple[Condition, ...] = ()
    ends: bool = False


class Sum(NamedTuple):
    """Cells or events added up for a bucket and a group: how many, their sum, the least and the greatest value.

    The last two are None where they were not requested.
    """

    bucket: int
    group: tuple[str, ...]
    n: int
    sum: int
    lo: int | None
    hi: int | None


class OpenItems(NamedTuple):
    """How many open items are shown of each kind and owner, when the next one will be (None: none waits), and some.

    `rows`: of each group of kinds in turn, and of each owner in turn, the newest and the oldest by turns.
    """

    counts: list[tuple[str, str, int]]
    next_at: int | None
    rows: list[FactRow]


class FactSortKey(NamedTuple):
    """Where a fact is in order of time."""

    at: int
    id: int


class EntityFilter(NamedTuple):
    """Which entities: of a family, with their newest event in a half-open span, under conditions and a search.

    `agent`: as far as he sees them.
    """

    family: str
    span: tuple[int, int]
    conditions: Conditions = ()
    text: str = ""
    agent: str | None = None


class EntitySortKey(NamedTuple):
    """Where an entity is in an order: the value that it is ordered by, then its id."""

    by: Any
    id: int
