"""What the decoder's page draws: every bin of two periods in order, and what each point opens."""

import pandas as pd
import pytest

from jorge_data.dashboard.ml_confidence import data

EMPTY = pd.DataFrame({"bin": [], "value": [], "n": [], "drill": []})


def binned(**counted: int) -> pd.DataFrame:
    bins = [name.replace("_", ".").removeprefix("b") for name in counted]
    return pd.DataFrame({"bin": bins, "value": list(counted.values()), "n": list(counted.values()), "drill": bins})


def test_both_periods_have_the_same_bins_in_order() -> None:
    now, before = binned(b0_95=4, b0_85=6), binned(b0_80=5)
    assert data.spread(now, before)["bin"].tolist() == ["0.80", "0.85", "0.90", "0.95"]
    assert data.spread(now, before)["value"].tolist() == [0, 6, 0, 4]
    assert data.scaled(before, now)["bin"].tolist() == ["0.80", "0.85", "0.90", "0.95"]


def test_the_period_before_is_scaled_to_as_many() -> None:
    assert data.scaled(binned(b0_90=5, b0_95=15), binned(b0_90=40))["value"].tolist() == [10, 30]


@pytest.mark.parametrize("before", [EMPTY, binned(b0_90=1)])
def test_where_nothing_was_counted_there_is_nothing_to_draw(before: pd.DataFrame) -> None:
    assert data.spread(EMPTY, before).empty


def test_a_point_of_the_calibration_opens_the_labels_of_its_bin() -> None:
    labels = pd.DataFrame({"bin": ["0.90", "0.90"], "right": ["yes", "no"], "value": [1.86, 0.91], "n": [2, 1]})
    points = data.calibration(labels, binned(b0_90=3))
    assert points[["n", "drill"]].to_numpy().tolist() == [[3, "0.90"]]
    assert points["right"].iloc[0] == pytest.approx(2 / 3)
    assert points["low"].iloc[0] < 2 / 3 < points["high"].iloc[0]


def test_features_stand_in_the_order_of_how_often_they_fire() -> None:
    means = pd.DataFrame({"feature": ["a", "b"], "value": [0.99, 0.5], "n": [1, 9], "drill": ["", ""]})
    assert data.features(means)[["feature", "words"]].to_numpy().tolist() == [["b", "9 · 50 %"], ["a", "1 · 99 %"]]
