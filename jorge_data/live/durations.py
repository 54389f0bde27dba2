"""A distribution of durations: bars of a round width, whose edges are those of the sketch that counted them."""

import math

import pandas as pd

from jorge_data.charts import DRILL
from jorge_data.live.query import Query
from jorge_data.metrics.analysis.percentile import Bins
from jorge_data.metrics.facts import SCALE
from jorge_data.metrics.histogram import bucket, top

BARS = 12
_WIDTHS = (5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600)


def histogram(bins: Bins, query: Query, kind: str, measure: str) -> pd.DataFrame:
    """Return a row for each width of seconds: `from_s`, `value`, and the question for the events within it.

    A sketch knows its values to 1 %, so that an edge lies up to 1 % off its round number; what a bar opens is asked
    for by the edge itself, and is as many as the bar shows.
    """
    counted = [(value, int(count)) for value, count in bins if count > 0]
    longest = max((value for value, _ in counted), default=0.0)
    width = next((width for width in _WIDTHS if longest <= width * BARS), _WIDTHS[-1])
    rows = []
    for low in range(0, width * math.ceil(longest / width), width):
        least, most = _edge(low), _edge(low + width)
        n = sum(count for value, count in counted if least < value <= most)
        within = f"{measure}:gt:{least!r}" if low else f"{measure}:ge:0", f"{measure}:le:{most!r}"
        rows.append({"from_s": low, "value": n, "n": n, DRILL: query.rows(kind, *within).token()})
    return pd.DataFrame(rows)


def _edge(seconds: int) -> float:
    """Return the end of the sketch's bucket that a number of seconds lies in."""
    return top(bucket(seconds * SCALE)) / SCALE if seconds else 0.0
