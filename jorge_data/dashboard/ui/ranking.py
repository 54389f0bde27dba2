"""The largest parts of a series, in order, each with its share in words."""

import pandas as pd

from jorge_data.metrics.formatting import portion

MOST = 12


def largest(frame: pd.DataFrame, most: int = MOST) -> pd.DataFrame:
    """Return the rows of the greatest `value` first, with `words` such as "412 · 34 %" of all that there are."""
    total = frame["value"].sum()
    top = frame.sort_values("value", ascending=False, kind="stable").head(most).reset_index(drop=True)
    return top.assign(words=[f"{value:,.0f} · {portion(value / total) if total else ''}" for value in top["value"]])
