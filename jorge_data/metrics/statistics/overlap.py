"""Overlap: how many things that begin and end overlap a period."""


def overlapping(begun: float | None, over: float | None) -> float | None:
    """Return how many began before a period's end and were not over at its start; None where nothing had begun.

    Asked as kind=conversation_edge, agg=count: `begun` where edge:eq:first up to the period's end, `over` where
    edge:eq:last up to its start.
    """
    return None if begun is None else begun - (over or 0)
