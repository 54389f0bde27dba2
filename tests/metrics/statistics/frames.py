"""Data frames as `/api/series` returns them, and periods of November 2026, short to write."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pandas as pd

from jorge_data.metrics.statistics.period import Period, Step, aligned

AUSTIN = ZoneInfo("America/Chicago")


def frame(columns: str, *rows: tuple[object, ...]) -> pd.DataFrame:
    """Return a frame of rows with these columns (names apart by spaces); n is the value where it is not given."""
    names = columns.split()
    table = pd.DataFrame(rows, columns=names)
    return table if "n" in names else table.assign(n=table.get("value", 0))


def november(first: int, end: int, step: Step = "1d") -> Period:
    """Return the period from noon of one day of November to noon of another, in whole steps."""
    start, stop = (datetime(2026, 11, day, 12, tzinfo=AUSTIN) for day in (first, end))
    return aligned(start, stop, step, AUSTIN)
