"""Stock: how many sellers are hot, warm and cold at the end of each step, from their moves."""

import pandas as pd

from jorge_data.events.timestamps import micros
from jorge_data.metrics.statistics.counter import KeyCounter, counts
from jorge_data.metrics.statistics.period import Period, zoned

TEMPERATURES = ("hot", "warm", "cold")


def opening(frame: pd.DataFrame) -> KeyCounter[str]:
    """Return how many stood at each temperature after all these moves.

    Asked as kind=seller_move, agg=count, by=from,to, step=all, up to the period's start.
    """
    held: KeyCounter[str] = KeyCounter()
    for (was, is_), n in counts(frame, "from", "to").items():
        held.merge({is_: n})
        held.subtract({was: n} if was else {})
    return held


def stock(opened: KeyCounter[str], moves: pd.DataFrame, period: Period) -> pd.DataFrame:
    """Return the stock at the end of each step, long: t, temperature, value; empty where no seller was ever heard of.

    `moves` is asked as kind=seller_move, agg=count, by=from,to over the period, in its steps.
    """
    if moves.empty and not any(opened.values()):
        return pd.DataFrame({"t": zoned([], period.zone), "temperature": [], "value": []})
    held = KeyCounter(opened)
    changes = {micros(t): some for t, some in moves.groupby(zoned(moves["t"], period.zone))} if len(moves) else {}
    rows = []
    for bucket in period.buckets():
        if micros(bucket) in changes:
            held.merge(opening(changes[micros(bucket)]))
        rows += [(bucket, temperature, held.of(temperature)) for temperature in TEMPERATURES]
    frame = pd.DataFrame(rows, columns=["t", "temperature", "value"])
    return frame.assign(t=zoned(frame["t"], period.zone))
