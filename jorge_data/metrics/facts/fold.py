"""Fold events into the cells of the rollups and the states of entities."""

from collections.abc import Sequence
from dataclasses import dataclass

from jorge_data.events import Event
from jorge_data.metrics.facts.cell import Cell
from jorge_data.metrics.facts.delta import Delta, Key
from jorge_data.metrics.facts.entity import Entities, Entity, Family
from jorge_data.metrics.facts.event_facts import event_facts
from jorge_data.metrics.facts.families import changes
from jorge_data.metrics.facts.rules import Rules
from jorge_data.metrics.facts.vocabulary import Vocabulary


@dataclass(frozen=True)
class Folded:
    """What a batch changes: `cells` are to be added to those that are kept, `entities` replace theirs."""

    cells: dict[Key, Cell]
    entities: dict[tuple[Family, str], Entity]


def fold(
    events: Sequence[Event], entities: Entities, rules: Rules, vocabulary: Vocabulary, minutes_since: int = 0
) -> Folded:
    """Fold a batch of one location's log.

    Whatever the split into batches and the order of arrival, cells add up to the same and entities end up the same
    (the bounds apart: `RECORDS`, `REPORTS`, `DISTINCT`). The vocabulary takes part in the batch: where the
    batch cannot be kept, begin again with the vocabulary that was kept. `minutes_since` (microseconds): older facts
    are not counted by the minute.
    """
    delta = Delta(rules.zone, minutes_since)
    for event in events:
        for fact in event_facts(event, rules):
            delta.add(vocabulary.fact(fact))
    changed = {(change.family, change.key): change.entity(vocabulary) for change in changes(events, entities, rules)}
    for entity in changed.values():
        for fact in entity.retracted:
            delta.add(fact, -1)
        for fact in entity.added:
            delta.add(fact)
    return Folded(delta.cells(), changed)
