"""Events to facts, and facts to cells: what every figure of the history is counted from; pure."""

from jorge_data.metrics.commission import CommissionRates
from jorge_data.metrics.entities.cell import Cell, Key
from jorge_data.metrics.entities.cube import CENTS, CUBES, DISTINCT, FREE, OTHER, SCALE, Cube, Fact, Vocabulary, Word
from jorge_data.metrics.entities.entity import Entities, Entity, Family
from jorge_data.metrics.entities.entity_fold import Folded, fold
from jorge_data.metrics.entities.event_facts import event_facts
from jorge_data.metrics.entities.grain import Grain
from jorge_data.metrics.entities.rules import FACTS, Rules

__all__ = [
    "CENTS",
    "CUBES",
    "DISTINCT",
    "FACTS",
    "FREE",
    "OTHER",
    "SCALE",
    "Cell",
    "CommissionRates",
    "Cube",
    "Entities",
    "Entity",
    "Fact",
    "Family",
    "Folded",
    "Grain",
    "Key",
    "Rules",
    "Vocabulary",
    "Word",
    "event_facts",
    "fold",
]
