"""A store in memory: holds entities, facts and cells between batches, as the real store does."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any

from jorge_data.events import Event
from jorge_data.events.timestamps import event_micros, micros
from jorge_data.metrics.entities import Cell, Fact, Family, Key, Rules, Vocabulary, fold
from jorge_data.metrics.entities.status_run import Moment
from tests.metrics.live_location import NOON, LiveLocation


class MemoryStore:
    """Folds batches one after the other; cells that come to nothing are deleted."""

    def __init__(self, rules: Rules | None = None, mixed: bool = False, oldest: int = 1) -> None:
        """`mixed`: as for a log whose old events were deleted, what is retracted are the stored facts.

        `oldest`: as for a log that is folded from its archive, what is before this position is not found again.
        """
        self.mixed = mixed
        self.oldest = oldest
        self.rules = rules or Rules()
        self.vocabulary = Vocabulary()
        self.states: dict[tuple[Family, str], bytes] = {}
        self.rows: dict[tuple[Family, str], dict[str, Any]] = {}
        self.current: dict[tuple[Family, str], Counter[Fact]] = {}
        self.cells: dict[Key, Cell] = {}
        self.folded: list[Event] = []

    def load(self, family: Family, keys: Collection[str]) -> dict[str, bytes]:
        return {key: self.states[family, key] for key in keys if (family, key) in self.states}

    def kept(self, kinds: Collection[str], keys: Collection[str]) -> dict[str, list[Fact]] | None:
        if not self.mixed:
            return None
        stored = {key: [fact for fact in self._stored(key) if fact.kind in kinds] for key in keys}
        return {key: facts for key, facts in stored.items() if facts}

    def _stored(self, key: str) -> Iterator[Fact]:
        for name, facts in self.current.items():
            if name[1] == key:
                yield from facts.elements()

    def analyses(self, ids: Collection[str]) -> list[Event]:
        analyses = [event for event in self.folded if event.type == "intent_analysis_complete" and event.id in ids]
        return [event for event in analyses if not self.gone(event)]

    def gone(self, analysis: Event) -> bool:
        return analysis.seq < self.oldest

    def next_report(self, bot: str, after: Moment) -> Moment | None:
        reports = [event for event in self.folded if event.type == "bot_status_update" and not self.gone(event)]
        moments = [(event_micros(event), event.seq) for event in reports if event.data["bot_type"] == bot]
        return min((moment for moment in moments if moment > after), default=None)

    def fold(self, events: Sequence[Event]) -> "MemoryStore":
        folded = fold(events, self, self.rules, self.vocabulary)
        for name, entity in folded.entities.items():
            self.states[name], self.rows[name] = entity.state, entity.summary
            facts = self.current.setdefault(name, Counter())
            facts.subtract(entity.retracted)
            facts.update(entity.added)
            assert all(count >= 0 for count in facts.values()), "retracted what was never added"
        for key, cell in folded.cells.items():
            self.cells.setdefault(key, Cell()).merge(cell)
        self.cells = {key: cell for key, cell in self.cells.items() if not cell.empty}
        self.folded += events
        return self

    def facts(self, kind: str) -> list[Fact]:
        """Return the current facts of this kind, by time and dimensions."""
        all_facts = [fact for facts in self.current.values() for fact in facts.elements()]
        return sorted(fact for fact in all_facts if fact.kind == kind)

    def values(self, kind: str) -> list[tuple[Any, ...]]:
        """Return the current facts of this kind as (minutes after noon, dims…, scaled measures…)."""
        noon = micros(NOON)
        return [
            ((fact.at - noon) / 60e6, *fact.dims, *(value for _, value in fact.measures)) for fact in self.facts(kind)
        ]

    def count(self, kind: str, grain: str = "day", measure: str = "") -> int:
        """Return how many facts the cells of a grain count."""
        return sum(cell.n for key, cell in self.cells.items() if key[:3] == (kind, measure, grain))

    def buckets(self, kind: str, grain: str) -> list[int]:
        return sorted({key.bucket for key in self.cells if key[:3] == (kind, "", grain)})


def fold_at_once(location: LiveLocation, rules: Rules | None = None) -> MemoryStore:
    """Fold a location's events in one batch."""
    return MemoryStore(rules).fold(location.events)


def fold_each(events: Iterable[Event], rules: Rules | None = None) -> MemoryStore:
    """Fold events one by one, as a quiet log is folded."""
    store = MemoryStore(rules)
    for event in events:
        store.fold([event])
    return store
