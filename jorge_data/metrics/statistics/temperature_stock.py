"""Stock: how many sellers are hot, warm and cold at the end of each step, from their moves."""

import pandas as pd

from jorge_data.events.timestamps import micros, moment
from jorge_data.metrics.statistics.counter import KeyCounter
from jorge_data.metrics.statistics.frame_counts import counts
from jorge_data.metrics.statistics.period import Period, floor, zoned

TEMPERATURES = ("hot", "warm", "cold")


def opening(frame: pd.DataFrame) -> KeyCounter[str]:
    """Return how many sellers are at each temperature after all these moves.

    Of kind=seller_move, agg=count, by=from,to, step=all, up to the period's start.
    """
    sellers: KeyCounter[str] = KeyCounter()
    for (old, new), n in counts(frame, "from", "to").items():
        sellers.merge({new: n})
        sellers.subtract({old: n} if old else {})
    return sellers


def stock(opened: KeyCounter[str], moves: pd.DataFrame, period: Period) -> pd.DataFrame:
    """Return the stock at the end of each step, long: t, temperature, value; empty where there is no seller.

    The first step is the one before the period: what was there as it began, from which a change is counted.
    `moves` is of kind=seller_move, agg=count, by=from,to over the period, in its steps.
    """
    if moves.empty and not any(opened.values()):
        return pd.DataFrame({"t": zoned([], period.zone), "temperature": [], "value": []})
    sellers = KeyCounter(opened)
    changes = {micros(t): rows for t, rows in moves.groupby(zoned(moves["t"], period.zone))} if len(moves) else {}
    earlier = floor(moment(micros(period.start) - 1), period.step, period.zone)
    rows = []
    for bucket in (earlier, *period.buckets()):
        if micros(bucket) in changes:
            sellers.merge(opening(changes[micros(bucket)]))
        rows += [(bucket, temperature, sellers.of(temperature)) for temperature in TEMPERATURES]
    frame = pd.DataFrame(rows, columns=["t", "temperature", "value"])
    return frame.assign(t=zoned(frame["t"], period.zone))


def into_and_out_of(moves: pd.DataFrame, temperature: str) -> tuple[int, int]:
    """Return how many moves (by from, to) led to a temperature and how many away from it."""
    cells = counts(moves, "from", "to").items()
    return sum(n for (_, to), n in cells if to == temperature), sum(n for (was, _), n in cells if was == temperature)
