"""Flow: how contacts moved through the sequence's days to an outcome, as nodes and links of a Sankey diagram."""

from typing import NamedTuple

import pandas as pd

from jorge_data.metrics.statistics.frame_counts import counts

OUTCOMES = ("appointment", "replied", "finished", "in_progress", "opted_out")
"""The outcomes in the order in which they stand, best first."""


class Link(NamedTuple):
    """The number of contacts that moved from one node to another; both are indices into the nodes."""

    source: int
    target: int
    n: int


class Flow(NamedTuple):
    """Nodes, days before outcomes, and the links between them."""

    nodes: tuple[str, ...]
    links: tuple[Link, ...]


def flow(frame: pd.DataFrame) -> Flow:
    """Return the diagram, without nodes where nobody took part; of kind=sequence_flow, agg=count, by=from,to."""
    cells = counts(frame, "from", "to")
    nodes = sorted({name for cell in cells for name in cell}, key=_order)
    at = {name: index for index, name in enumerate(nodes)}
    links = (Link(at[source], at[target], n) for (source, target), n in cells.items() if n)
    return Flow(tuple(nodes), tuple(sorted(links)))


def _order(name: str) -> tuple[int, int, str]:
    first, _, day = name.partition(" ")
    if first == "day" and day.isdigit():
        return 0, int(day), name
    return 1, OUTCOMES.index(name) if name in OUTCOMES else len(OUTCOMES), name
