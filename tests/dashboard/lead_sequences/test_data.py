"""A distribution of durations: bars of a round width that leave no value out."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from jorge_data.dashboard.lead_sequences.data import BARS, histogram
from jorge_data.dashboard.query.page_query import PageQuery
from jorge_data.dashboard.query.requests import TableRequest
from jorge_data.metrics.entities import SCALE
from jorge_data.metrics.statistics.quantile_sketch import bucket, middle

NOON = datetime(2026, 11, 23, 18, tzinfo=UTC)
QUERY = PageQuery("home", NOON, NOON, ZoneInfo("UTC"), ZoneInfo("UTC"), "last 1 h")


def sketched(*seconds: float) -> list[tuple[float, int]]:
    """Return each value as a sketch gives it back."""
    return [(middle(bucket(value * SCALE)) / SCALE, 1) for value in seconds]


@pytest.mark.parametrize("longest", [4.0, 40.0, 59.9, 3000.0])
def test_few_bars_hold_every_value(longest: float) -> None:
    values = [longest * part / 20 for part in range(1, 21)]
    frame = histogram(sketched(*values), QUERY, "calls", "duration")
    assert len(frame) <= BARS + 1
    assert frame["value"].sum() == len(values)


def test_a_bar_asks_for_what_lies_between_its_edges() -> None:
    frame = histogram(sketched(3, 8, 59), QUERY, "calls", "duration")
    assert frame["from"].tolist() == [f"{at} s" for at in range(0, 60, 5)]
    assert frame["value"].tolist()[:2] == [1, 1]
    above, upto = TableRequest.read(frame["drill"].iloc[1], "home").where
    assert above.startswith("duration:gt:")
    assert float(above.rpartition(":")[2]) == pytest.approx(5, rel=0.02)
    assert float(upto.rpartition(":")[2]) == pytest.approx(10, rel=0.02)


def test_without_a_value_there_is_no_bar() -> None:
    assert histogram([], QUERY, "calls", "duration").empty
