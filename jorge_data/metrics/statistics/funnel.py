"""Funnel: how many sellers reached each question, and how many of those became hot."""

from dataclasses import dataclass
from typing import NamedTuple

import pandas as pd

from jorge_data.metrics.statistics.frame_counts import counts
from jorge_data.metrics.statistics.significance import LEVEL, most

QUESTIONS = 4


class FunnelStage(NamedTuple):
    """A stage of the funnel; `reached` and `hot` are the values of the fact's dimensions that it counts (for a drill).

    `of_start` is None where nobody started.
    """

    name: str
    n: int
    of_start: float | None
    reached: tuple[str, ...]
    hot: tuple[str, ...] = ("yes", "no")


@dataclass(frozen=True)
class Funnel:
    """The stages in order: started, Q1–Q4 answered, and hot among those with all four; contacts, not events.

    `hot` counts every contact that ever was hot, those too who have not answered all four.
    """

    stages: tuple[FunnelStage, ...]
    hot: int

    @property
    def started(self) -> int:
        return self.stages[0].n

    def leak(self) -> tuple[FunnelStage, FunnelStage] | None:
        """Return the two neighbouring stages between which the most contacts are lost; None where chance may do it."""
        pairs = list(zip(self.stages, self.stages[1:], strict=False))
        lost = [before.n - then.n for before, then in pairs]
        return pairs[lost.index(max(lost))] if most(lost) <= LEVEL else None


def funnel(frame: pd.DataFrame) -> Funnel | None:
    """Return the funnel, None where no seller started.

    Of kind=seller_cohort, agg=count, by=reached,hot: each contact counts once, at its first event.
    """
    cells = counts(frame, "reached", "hot")
    if not cells:
        return None
    stages: list[FunnelStage] = []
    for k in range(QUESTIONS + 1):
        reached = tuple(str(most) for most in range(k, QUESTIONS + 1))
        n = sum(count for cell, count in cells.items() if cell[0] in reached)
        stages.append(_stage("started" if k == 0 else f"Q{k}", n, stages, reached))
    hot = sum(count for cell, count in cells.items() if cell[1] == "yes")
    all_four = cells.of((str(QUESTIONS), "yes"))
    stages.append(_stage("hot", all_four, stages, (str(QUESTIONS),), ("yes",)))
    return Funnel(tuple(stages), hot)


def _stage(
    name: str, n: int, earlier: list[FunnelStage], reached: tuple[str, ...], hot: tuple[str, ...] = ("yes", "no")
) -> FunnelStage:
    start = earlier[0].n if earlier else n
    return FunnelStage(name, n, n / start if start else None, reached, hot)
