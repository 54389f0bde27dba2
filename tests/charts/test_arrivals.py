"""The chart of arrivals: what it draws, and what its title finds."""

import pandas as pd
import pytest

from jorge_data.charts import LIGHT, arrivals


def frame(*events: int) -> pd.DataFrame:
    minutes = pd.date_range("2026-11-23T12:00", periods=len(events), freq="1min", tz="America/Chicago")
    return pd.DataFrame({"minute": minutes, "events": events})


@pytest.mark.parametrize(
    ("events", "finding"),
    [
        ((4, 5, 30), "Busiest at 12:02: 30 events in a minute"),
        ((4, 5, 6), "Events by minute"),
        ((7,), "Events by minute"),
    ],
)
def test_the_title_states_a_finding_where_there_is_one(events: tuple[int, ...], finding: str) -> None:
    figure = arrivals(frame(*events), LIGHT)
    assert figure.layout.title.text.startswith(finding)
    assert f"the last {sum(events)} that" in figure.layout.title.text
    assert list(figure.data[0].y) == list(events)
