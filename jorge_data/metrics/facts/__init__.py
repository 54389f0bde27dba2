"""Events to facts, and facts to cells: what every figure of the history is counted from; pure."""

from jorge_data.metrics.facts.cell import Cell
from jorge_data.metrics.facts.commission import Rates
from jorge_data.metrics.facts.cube import CENTS, CUBES, FREE, SCALE, Cube
from jorge_data.metrics.facts.delta import Key
from jorge_data.metrics.facts.entity import Entities, Entity, Family
from jorge_data.metrics.facts.event_facts import event_facts
from jorge_data.metrics.facts.fact import Fact
from jorge_data.metrics.facts.fold import Folded, fold
from jorge_data.metrics.facts.grain import Grain
from jorge_data.metrics.facts.rules import FACTS, Rules
from jorge_data.metrics.facts.vocabulary import DISTINCT, OTHER, Vocabulary, Word

__all__ = [
    "CENTS",
    "CUBES",
    "DISTINCT",
    "FACTS",
    "FREE",
    "OTHER",
    "SCALE",
    "Cell",
    "Cube",
    "Entities",
    "Entity",
    "Fact",
    "Family",
    "Folded",
    "Grain",
    "Key",
    "Rates",
    "Rules",
    "Vocabulary",
    "Word",
    "event_facts",
    "fold",
]
