"""Answers of the series, short to write."""

import pandas as pd


def frame(columns: str, *rows: tuple[object, ...]) -> pd.DataFrame:
    """Return rows under these columns; n is the value where it is not given."""
    names = columns.split()
    table = pd.DataFrame(rows, columns=names)
    return table if "n" in names else table.assign(n=table.get("value", 0))
