"""Rows as a table shows them."""

from zoneinfo import ZoneInfo

import pandas as pd

from jorge_data.dashboard.ui.rows import as_values, in_decimals, value_columns


def test_a_number_is_rounded_before_the_browser_cuts_it() -> None:
    frame = pd.DataFrame(
        {"effectiveness": [87.6, 86.5, None], "confidence": [0.125, 1.0, 2.0], "value": [1.239, 2.0, 3.0]}
    )
    shown = in_decimals(frame, ("effectiveness", "confidence", "value"))
    assert shown["effectiveness"].tolist()[:2] == [88, 86]
    assert pd.isna(shown["effectiveness"][2])
    assert shown["confidence"].tolist() == [0.12, 1.0, 2.0]
    assert shown["value"].tolist() == [1.239, 2.0, 3.0]


def test_costs_told_as_text_and_as_numbers_stand_in_one_column_of_numbers() -> None:
    shown = as_values(pd.DataFrame({"cost_usd": ["0.000125", 0.25, None, "free"]}), ZoneInfo("UTC"))
    assert shown["cost_usd"].tolist()[:2] == [0.000125, 0.25]
    assert shown["cost_usd"].isna().tolist() == [False, False, True, True]
    assert list(value_columns(shown)) == ["cost_usd"]
