"""Data frames as `/api/series` returns them, short to write."""

import pandas as pd


def frame(columns: str, *rows: tuple[object, ...]) -> pd.DataFrame:
    """Return a frame of rows with these columns (names apart by spaces); n is the value where it is not given."""
    names = columns.split()
    table = pd.DataFrame(rows, columns=names)
    return table if "n" in names else table.assign(n=table.get("value", 0))
