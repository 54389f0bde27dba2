"""How a seller's story will go; chosen when it begins, known to nobody in it."""

from random import Random
from typing import NamedTuple

from jorge_data.demo.interview import Mood

_OUTCOMES = {"hot": 7, "reluctant": 20, "vague": 14, "fades": 49, "opts_out": 10}
_RETURNS = 0.3
"""Of the sellers who answered everything, so many answer again later, in another mood."""


class Plan(NamedTuple):
    moods: tuple[Mood, ...]  # of the answers that will come; fewer than four: the seller stops answering
    opts_out: bool = False
    returns_with: Mood | None = None  # days later the timeline is answered anew, in this mood


def plan(rng: Random) -> Plan:
    """Choose how far the seller goes and in what mood."""
    outcome = rng.choices(tuple(_OUTCOMES), tuple(_OUTCOMES.values()))[0]
    willing, returns = _willing(rng), rng.random() < _RETURNS
    if outcome == "hot":
        return Plan(willing, returns_with="weak" if returns else None)
    if outcome == "reluctant":
        return Plan((willing[0], "weak", *willing[2:]), returns_with="eager" if returns else None)
    if outcome == "vague":
        return Plan(("weak", "weak", rng.choice(("weak", "plain")), "weak"))
    if outcome == "fades":
        return Plan(willing[: rng.choices((0, 1, 2, 3), (1, 3, 4, 3))[0]])
    return Plan(willing[: rng.randint(0, 2)], opts_out=True)


def _willing(rng: Random) -> tuple[Mood, ...]:
    return tuple(rng.choices(("eager", "plain"), (3, 2), k=4))
