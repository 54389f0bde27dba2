"""Frames: events as tables that charts are drawn from."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

import pandas as pd

from jorge_data.events import Event


def arrivals(events: Sequence[Event], zone: ZoneInfo) -> pd.DataFrame:
    """Return how many events the server received in each minute, with every minute in between; in the viewer's zone.

    Columns: minute (zoned), events (int). Empty where there are no events.
    """
    received = pd.DatetimeIndex([event.receivedat for event in events], tz="UTC").tz_convert(zone)
    counts = (
        pd.Series(1, index=received).resample("1min").sum() if len(received) else pd.Series(dtype=int, index=received)
    )
    return pd.DataFrame({"minute": counts.index, "events": counts.to_numpy(dtype=int)})
