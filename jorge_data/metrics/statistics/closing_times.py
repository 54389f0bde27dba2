"""Closing times: how soon deals at a stage are won, from the office's own deals that were there."""

import math
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from jorge_data.metrics.statistics.survival import incidence

FEWEST_WON = 3
"""From fewer wins it is not said how soon deals of a stage are won."""


class StageEntry(NamedTuple):
    """A deal's way from when it entered a stage, in microseconds; `left` and `closed` are None until it did so."""

    stage: str
    entered: int
    left: int | None
    closed: int | None
    won: bool


class WonWithin(NamedTuple):
    """The share of the wins that come in time, and its standard error.

    The error is that of one win more, in time by left / (left + mean time): of three wins that all came in time the
    fourth may yet be late, and in the last hour of a month hardly any is.
    """

    share: float
    error: float


class _Stage(NamedTuple):
    """The entries of a stage, by the time from entering it to closing (or to now); the moments in microseconds."""

    stays: NDArray[np.int64]
    times: NDArray[np.int64]
    closed: NDArray[np.bool_]
    won: NDArray[np.bool_]
    oldest: int
    """The greatest age at which FEWEST_WON of the deals that were won were still there."""
    instead: int
    """The age just after the one before them went on: an older deal is compared with them as of then.

    As of `oldest`, the moment when one of them goes on, deals would seem nearer to their close.
    """


class ClosingTimes:
    """How soon deals are won from each stage, by what was known of all deals at the moment `until` (microseconds)."""

    def __init__(self, entries: Iterable[StageEntry], until: int) -> None:
        by_stage: dict[str, list[StageEntry]] = {}
        for entry in entries:
            by_stage.setdefault(entry.stage, []).append(entry)
        made = ((stage, _stage(theirs, until)) for stage, theirs in by_stage.items())
        self._stages = {stage: each for stage, each in made if each is not None}

    def won_within(self, left: int, stage: str, age: int, probability: float) -> WonWithin | None:
        """Return which share of the deals that will be won is won in the time that is left (microseconds).

        Of a deal that has been at a stage for `age` and will be won with a probability; None where fewer than
        FEWEST_WON were won from there. It is compared with those that were still at the stage at its age, and not
        with those that had gone on: they were nearer to their close.
        """
        known = self._stages.get(stage)
        if known is None:
            return None
        age = age if age <= known.oldest else known.instead
        still = known.stays >= age
        won = known.won[still]
        curve, open_ = incidence(known.closed[still], won)
        in_time = int(np.searchsorted(known.times[still], age + left, side="right"))
        # What is open where the curve ends is won later, by its probability.
        share = float(curve[in_time - 1]) / (float(curve[-1]) + probability * open_) if in_time else 0.0
        wins, mean = int(won.sum()), max(0.0, float(known.times[still][won].mean()) - age)
        middle = (share * wins + (left + 1) / (left + mean + 1)) / (wins + 1)
        return WonWithin(share, math.sqrt(middle * (1 - middle) / wins))


def _stage(entries: list[StageEntry], until: int) -> _Stage | None:
    won = np.array([entry.won for entry in entries])
    closed = np.array([entry.closed is not None for entry in entries])
    entered = np.array([entry.entered for entry in entries])
    left, end = (
        np.array([until if at is None else at for at in ats])
        for ats in zip(*(entry[2:4] for entry in entries), strict=True)
    )
    # A close may be dated before the stage was entered: nothing takes less than no time.
    stays, times = np.maximum(left - entered, 0), np.maximum(end - entered, 0)
    stays_of_won = np.sort(stays[won])
    if len(stays_of_won) < FEWEST_WON:
        return None
    shorter = stays_of_won[stays_of_won < stays_of_won[-FEWEST_WON]]
    oldest, instead = int(stays_of_won[-FEWEST_WON]), int(shorter[-1]) + 1 if len(shorter) else 0
    # Who closed at a moment comes before who was open then and is still at risk.
    order = np.lexsort((~closed, times))
    return _Stage(stays[order], times[order], closed[order], won[order], oldest, instead)
