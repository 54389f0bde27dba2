"""A definition: what one figure of a page says, how it is computed, and from what."""

from dataclasses import dataclass

from jorge_data.metrics.formatting import Unit

NOTHING = "no such event in the period"


@dataclass(frozen=True)
class Definition:
    """One figure: `line` is its help text; `source` the kinds of event behind it, `fact` the kind to ask about.

    `absent` is what it means where the figure reads "no data".
    """

    title: str
    line: str
    formula: str
    unit: Unit
    source: str
    fact: str
    absent: str = NOTHING
