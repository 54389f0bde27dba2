"""What every figure of the history is counted from, by pure functions, in this order:

events (`jorge_data.events`) → entities: what is remembered of one contact, deal, conversation, label or component
(contact, deal, conversation, label, component) → facts: one countable thing at a moment, of an event alone
(event_facts) or of an entity (seller, sequence, alert, contact_row and the entities' own; `cube` lists every kind)
→ cells of rollups: facts added up by kind, bucket of time and dimensions (cell). `entity_fold.fold` goes all the way.
"""

from jorge_data.metrics.commission import CommissionRates
from jorge_data.metrics.entities.cell import Cell, Key
from jorge_data.metrics.entities.cube import (
    CENTS,
    CUBES,
    DISTINCT,
    FREE,
    OTHER,
    PICODOLLARS,
    SCALE,
    Cube,
    Fact,
    Vocabulary,
    Word,
)
from jorge_data.metrics.entities.entity import Entities, Entity, Family
from jorge_data.metrics.entities.entity_fold import FoldResult, fold
from jorge_data.metrics.entities.event_facts import event_facts
from jorge_data.metrics.entities.grain import Grain
from jorge_data.metrics.rules import FACTS, Rules

__all__ = [
    "CENTS",
    "CUBES",
    "DISTINCT",
    "FACTS",
    "FREE",
    "OTHER",
    "PICODOLLARS",
    "SCALE",
    "Cell",
    "CommissionRates",
    "Cube",
    "Entities",
    "Entity",
    "Fact",
    "Family",
    "FoldResult",
    "Grain",
    "Key",
    "Rules",
    "Vocabulary",
    "Word",
    "event_facts",
    "fold",
]
