import pytest

from tests.metrics.live_location import DAY, HOUR, MINUTE, NOON
from tests.server.figures.followed_location import FollowedLocation


def test_without_analyses_there_is_no_data(followed: FollowedLocation) -> None:
    assert followed.tile("intent")["value"] == "no data"
    ml = followed.figures(NOON)["ml"]
    assert ml.pop("labelled") == 0
    assert set(ml.values()) == {None}


def test_the_figures_are_those_of_the_analyses(followed: FollowedLocation) -> None:
    for ms in range(1, 101):
        followed.analyse(ms, confidence_score=0.8 if ms <= 25 else 0.9)
    ml = followed.figures(NOON)["ml"]
    assert ml["p50_ms"] == pytest.approx(50, rel=0.01)
    assert ml["p95_ms"] == pytest.approx(95, rel=0.01)
    assert ml["within_target"] == 0.42
    assert ml["confidence_mean"] == 0.875
    assert ml["above_target"] == 0.75


def test_the_tile_compares_with_the_window_before(followed: FollowedLocation) -> None:
    followed.analyse(50, NOON - DAY - MINUTE)
    followed.analyse(40, NOON)
    tile = followed.tile("intent")
    assert tile["value"] == "40 ms"
    assert tile["note"] == [
        ("t", "target 42 · 100 % within"),
        ("t", " · "),
        ("ok", "10 ms faster"),
        ("t", " than the day before"),
    ]


@pytest.mark.parametrize(
    ("now_ms", "note"),
    [
        (41, [("t", " · as the day before")]),
        (60, [("t", " · "), ("bad", "19 ms slower"), ("t", " than the day before")]),
    ],
)
def test_the_tile_says_whether_the_decoder_became_slower(
    followed: FollowedLocation, now_ms: int, note: list[tuple[str, str]]
) -> None:
    followed.analyse(41, NOON - DAY - MINUTE)
    followed.analyse(now_ms, NOON)
    assert followed.tile("intent")["note"][1:] == note


def test_a_slower_decoder_is_told_in_words_and_tone(followed: FollowedLocation) -> None:
    followed.analyse(40, NOON - 2 * HOUR)
    followed.analyse(60, NOON)
    tile = followed.tile("intent")
    assert (tile["tone"], tile["note"]) == ("bad", [("t", "target 42 · 50 % within")])


def test_the_window_passes_with_the_clock(followed: FollowedLocation) -> None:
    followed.analyse(40, NOON)
    assert followed.tile("intent", NOON + DAY + MINUTE / 2)["value"] == "40 ms"
    assert followed.tile("intent", NOON + DAY + MINUTE)["value"] == "no data"


def test_accuracy_is_the_share_of_labelled_analyses_that_were_right(followed: FollowedLocation) -> None:
    for number in range(4):
        followed.analyse(40, identity=f"a{number}", intent_category="seller")
    for number, actual in enumerate(["seller", "seller", "buyer"]):
        followed.publish("intent_feedback", analysis_id=f"a{number}", actual_category=actual)
    followed.publish("intent_feedback", analysis_id="unknown", actual_category="buyer")
    ml = followed.figures(NOON)["ml"]
    assert (ml["labelled"], ml["accuracy"]) == (3, 2 / 3)


def test_the_newest_label_of_an_analysis_counts(followed: FollowedLocation) -> None:
    followed.analyse(40, identity="a", intent_category="seller")
    followed.publish("intent_feedback", NOON, analysis_id="a", actual_category="buyer")
    followed.publish("intent_feedback", NOON + MINUTE, analysis_id="a", actual_category="seller")
    followed.publish("intent_feedback", NOON - MINUTE, analysis_id="a", actual_category="curious")
    ml = followed.figures(NOON)["ml"]
    assert (ml["labelled"], ml["accuracy"]) == (1, 1.0)


@pytest.mark.parametrize(("ms", "tone"), [(41.9, ""), (42.0, ""), (42.16, "bad")])
def test_a_percentile_is_on_the_right_side_of_its_target(followed: FollowedLocation, ms: float, tone: str) -> None:
    followed.analyse(ms)
    p95 = followed.figures(NOON)["ml"]["p95_ms"]
    assert p95 == pytest.approx(ms, rel=0.0101)
    assert (p95 > 42) == (ms > 42)
    assert followed.tile("intent")["tone"] == tone
