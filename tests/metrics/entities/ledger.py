"""A ledger in memory: keeps what batches leave behind, as the store does, and answers what tests ask."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any

from jorge_data.events import Event
from jorge_data.events.timestamps import micros
from jorge_data.metrics.entities import Cell, Fact, Family, Key, Rules, Vocabulary, fold
from jorge_data.metrics.entities.label import Label
from tests.metrics.wall.live_office import NOON, Office


class Ledger:
    """Fold batches one after the other; cells that come to nothing are gone."""

    def __init__(self, rules: Rules | None = None, remembers: bool = False) -> None:
        """`remembers`: as a log whose old events were deleted, it retracts what was added and not what rules say."""
        self.remembers = remembers
        self.rules = rules or Rules()
        self.vocabulary = Vocabulary()
        self.states: dict[tuple[Family, str], bytes] = {}
        self.rows: dict[tuple[Family, str], dict[str, Any]] = {}
        self.current: dict[tuple[Family, str], Counter[Fact]] = {}
        self.cells: dict[Key, Cell] = {}
        self.analyses: dict[str, Event] = {}

    def load(self, family: Family, keys: Collection[str]) -> dict[str, bytes]:
        return {key: self.states[family, key] for key in keys if (family, key) in self.states}

    def kept(self, kinds: Collection[str], keys: Collection[str]) -> dict[str, list[Fact]] | None:
        if not self.remembers:
            return None
        told = {key: [fact for fact in self._kept(key) if fact.kind in kinds] for key in keys}
        return {key: facts for key, facts in told.items() if facts}

    def _kept(self, key: str) -> Iterator[Fact]:
        for name, facts in self.current.items():
            if name[1] == key:
                yield from facts.elements()

    def analysis(self, ids: Collection[str]) -> dict[str, Event]:
        return {key: self.analyses[key] for key in ids if key in self.analyses}

    def pending(self, ids: Collection[str]) -> set[str]:
        labels = {key: Label.load(state) for key, state in self.load("label", ids).items()}
        return {key for key, label in labels.items() if label.analysis is None}

    def fold(self, events: Sequence[Event]) -> "Ledger":
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
        self.analyses |= {event.id: event for event in events if event.type == "intent_analysis_complete"}
        return self

    def facts(self, kind: str) -> list[Fact]:
        """Return the current facts of this kind, by time and dimensions."""
        all_facts = [fact for facts in self.current.values() for fact in facts.elements()]
        return sorted(fact for fact in all_facts if fact.kind == kind)

    def told(self, kind: str) -> list[tuple[Any, ...]]:
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


def fold_office(office: Office, rules: Rules | None = None) -> Ledger:
    """Fold an office's events in one batch."""
    return Ledger(rules).fold(office.events)


def fold_each(events: Iterable[Event], rules: Rules | None = None) -> Ledger:
    """Fold events one by one, as a quiet log is folded."""
    ledger = Ledger(rules)
    for event in events:
        ledger.fold([event])
    return ledger
