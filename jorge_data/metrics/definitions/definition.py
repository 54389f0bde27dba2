"""A definition: what one figure of a page means, how it is computed, and from what."""

from dataclasses import dataclass

from jorge_data.metrics.formatting import Unit

NOTHING = "no such event in the period"
CHOSEN = "the chosen period"
ALL = "all of the office that the filters let through"


@dataclass(frozen=True)
class Definition:
    """One figure: `line` is its help text; `source` the kinds of event behind it, `fact` the kind that a request names.

    `absent` says why the figure reads "no data", `period` of which time it is, `who` counts who or what is counted.
    """

    title: str
    line: str
    formula: str
    unit: Unit
    source: str
    fact: str
    absent: str = NOTHING
    period: str = CHOSEN
    who: str = ALL
