"""Which faults are played together, and in which order: by the seed alone."""

from collections.abc import Sequence
from random import Random

from bench.chaos.faults import Fault

COMPANY = 5
"""Faults that are played at once where they leave each other alone; each has a location and load of its own."""

Round = list[Fault]


def rounds(faults: Sequence[Fault], seed: int) -> list[Round]:
    """Return every fault in one round: alone, or with others that take about as long."""
    chance = Random(seed)
    company = [fault for fault in faults if fault.needs == "company"]
    chance.shuffle(company)
    company.sort(key=lambda fault: fault.seconds // 20)
    together = [company[start : start + COMPANY] for start in range(0, len(company), COMPANY)]
    order = [[fault] for fault in faults if fault.needs == "alone"] + together
    chance.shuffle(order)
    return order


def seconds(round_: Round) -> int:
    """Return about how long a round takes."""
    return max(fault.seconds for fault in round_)
