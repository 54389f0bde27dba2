"""A figure beyond its limit."""

from collections.abc import Sequence

import pytest

from jorge_data.metrics.alerts.evaluation import Episode
from jorge_data.metrics.alerts.rule import NoData, Threshold
from jorge_data.metrics.alerts.thresholds import Reading, beyond

SLOW = Threshold("intent_analysis_complete", "processing_time_ms", "p95", 1, 42, True, 5)
UNSURE = Threshold("intent_analysis_complete", "confidence_score", "mean", 1, 0.85, False, 5)


def readings(values: Sequence[float | None], n: int = 5) -> list[Reading]:
    return [Reading(at, at + 1, value, 0 if value is None else n) for at, value in enumerate(values)]


def episodes(values: Sequence[float | None], no_data: NoData = "hold", n: int = 5) -> list[Episode]:
    return list(beyond(SLOW, readings(values, n), no_data, "decoder"))


def test_it_holds_from_the_end_of_the_first_step_beyond_to_the_end_of_the_first_that_is_not() -> None:
    assert episodes([40, 43, 44, 42, 50]) == [Episode("decoder", 2, 4), Episode("decoder", 5)]


def test_a_limit_from_below() -> None:
    assert list(beyond(UNSURE, readings([0.9, 0.84, 0.85]), "hold", "decoder")) == [Episode("decoder", 2, 3)]


@pytest.mark.parametrize(
    ("no_data", "expected"),
    [
        ("hold", [Episode("decoder", 2, 4)]),
        ("fine", [Episode("decoder", 2, 3)]),
        ("alert", [Episode("decoder", 2, 4), Episode("decoder", 5)]),
    ],
)
def test_what_no_data_means(no_data: NoData, expected: list[Episode]) -> None:
    assert episodes([40, 43, None, 42, None], no_data) == expected


def test_too_few_events_are_no_data() -> None:
    assert episodes([43, 43], n=4) == []
