import pytest

from jorge_data.metrics import dashboard, view
from tests.metrics.live_location import DAY, HOUR, MINUTE, NOON, LiveLocation


def test_without_analyses_there_is_no_data(location: LiveLocation) -> None:
    assert location.tile("intent")["value"] == "no data"
    ml = dashboard(location.state, NOON)["ml"]
    assert ml.pop("labelled") == 0
    assert set(ml.values()) == {None}


def test_the_figures_are_those_of_the_analyses(location: LiveLocation) -> None:
    for ms in range(1, 101):
        location.analyse(ms, confidence_score=0.8 if ms <= 25 else 0.9)
    ml = dashboard(location.state, NOON)["ml"]
    assert ml["p50_ms"] == pytest.approx(50, rel=0.01)
    assert ml["p95_ms"] == pytest.approx(95, rel=0.01)
    assert ml["within_target"] == 0.42
    assert ml["confidence_mean"] == 0.875
    assert ml["above_target"] == 0.75


def test_the_tile_compares_with_the_window_before(location: LiveLocation) -> None:
    location.analyse(50, NOON - 20 * MINUTE)
    location.analyse(40, NOON)
    tile = next(tile for tile in view(location.state, NOON, "default", 900)["kpis"] if tile["key"] == "intent")
    assert tile["value"] == "40 ms"
    assert tile["note"] == [("t", "target 42 · 100 % within"), ("t", " · "), ("ok", "10 ms faster")]


@pytest.mark.parametrize(
    ("now_ms", "note"), [(41, [("t", " · as before")]), (60, [("t", " · "), ("bad", "19 ms slower")])]
)
def test_the_tile_says_whether_the_decoder_became_slower(
    location: LiveLocation, now_ms: int, note: list[tuple[str, str]]
) -> None:
    location.analyse(41, NOON - 20 * MINUTE)
    location.analyse(now_ms, NOON)
    tile = next(tile for tile in view(location.state, NOON, "default", 900)["kpis"] if tile["key"] == "intent")
    assert tile["note"][1:] == note


def test_a_slower_decoder_is_told_in_words_and_tone(location: LiveLocation) -> None:
    location.analyse(40, NOON - 2 * HOUR)
    location.analyse(60, NOON)
    tile = next(tile for tile in view(location.state, NOON, "default", 3600)["kpis"] if tile["key"] == "intent")
    assert (tile["tone"], tile["note"]) == ("bad", [("t", "target 42 · 0 % within")])
    assert location.tile("intent")["note"] == [("t", "target 42 · 50 % within")]


def test_the_window_passes_with_the_clock(location: LiveLocation) -> None:
    location.analyse(40, NOON)
    assert location.tile("intent", NOON + DAY - MINUTE)["value"] == "40 ms"
    assert location.tile("intent", NOON + DAY)["value"] == "no data"


def test_accuracy_is_the_share_of_labelled_analyses_that_were_right(location: LiveLocation) -> None:
    for number in range(4):
        location.analyse(40, identity=f"a{number}", intent_category="seller")
    for number, actual in enumerate(["seller", "seller", "buyer"]):
        location.publish("intent_feedback", analysis_id=f"a{number}", actual_category=actual)
    location.publish("intent_feedback", analysis_id="unknown", actual_category="buyer")
    ml = dashboard(location.state, NOON)["ml"]
    assert (ml["labelled"], ml["accuracy"]) == (3, 2 / 3)


def test_the_newest_label_of_an_analysis_counts(location: LiveLocation) -> None:
    location.analyse(40, identity="a", intent_category="seller")
    location.publish("intent_feedback", NOON, analysis_id="a", actual_category="buyer")
    location.publish("intent_feedback", NOON + MINUTE, analysis_id="a", actual_category="seller")
    location.publish("intent_feedback", NOON - MINUTE, analysis_id="a", actual_category="curious")
    ml = dashboard(location.state, NOON)["ml"]
    assert (ml["labelled"], ml["accuracy"]) == (1, 1.0)
