"""Frames: events as tables that charts are drawn from."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

import pandas as pd

from jorge_data.events import Event

LEAST = pd.Timedelta(minutes=29)
"""The frame reaches back at least so far from its last minute, so that one minute alone is seen as what it is."""


def arrivals(events: Sequence[Event], zone: ZoneInfo) -> pd.DataFrame:
    """Return how many events happened in each minute, with every minute in between; in the viewer's zone.

    Columns: minute (zoned), events (int). Empty where there are no events, else at least half an hour.
    """
    minutes = pd.Series([event.time for event in events], dtype="datetime64[us, UTC]").dt.floor("min")
    if minutes.empty:
        return pd.DataFrame({"minute": minutes, "events": pd.Series(dtype=int)})
    span = pd.date_range(min(minutes.min(), minutes.max() - LEAST), minutes.max(), freq="min")
    counts = minutes.value_counts().reindex(span, fill_value=0)
    return pd.DataFrame({"minute": span.tz_convert(zone), "events": counts.to_numpy(dtype=int)})
