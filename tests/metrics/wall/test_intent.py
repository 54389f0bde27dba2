import pytest

from jorge_data.metrics import dashboard, view
from tests.metrics.wall.live_office import DAY, HOUR, MINUTE, NOON, Office


def test_without_analyses_there_is_no_data(office: Office) -> None:
    assert office.tile("intent")["value"] == "no data"
    ml = dashboard(office.state, NOON)["ml"]
    assert ml.pop("labelled") == 0
    assert set(ml.values()) == {None}


def test_the_figures_are_those_of_the_analyses(office: Office) -> None:
    for ms in range(1, 101):
        office.analyse(ms, confidence_score=0.8 if ms <= 25 else 0.9)
    ml = dashboard(office.state, NOON)["ml"]
    assert ml["p50_ms"] == pytest.approx(50, rel=0.01)
    assert ml["p95_ms"] == pytest.approx(95, rel=0.01)
    assert ml["within_target"] == 0.42
    assert ml["confidence_mean"] == 0.875
    assert ml["above_target"] == 0.75


def test_the_tile_compares_with_the_window_before(office: Office) -> None:
    office.analyse(50, NOON - 20 * MINUTE)
    office.analyse(40, NOON)
    tile = next(tile for tile in view(office.state, NOON, "default", 900)["kpis"] if tile["key"] == "intent")
    assert tile["value"] == "40 ms"
    assert tile["note"] == [("t", "target 42 · 100 % within"), ("t", " · "), ("ok", "10 ms faster")]


@pytest.mark.parametrize(
    ("now_ms", "told"), [(41, [("t", " · as before")]), (60, [("t", " · "), ("bad", "19 ms slower")])]
)
def test_the_tile_says_whether_the_decoder_became_slower(
    office: Office, now_ms: int, told: list[tuple[str, str]]
) -> None:
    office.analyse(41, NOON - 20 * MINUTE)
    office.analyse(now_ms, NOON)
    tile = next(tile for tile in view(office.state, NOON, "default", 900)["kpis"] if tile["key"] == "intent")
    assert tile["note"][1:] == told


def test_a_slower_decoder_is_told_in_words_and_tone(office: Office) -> None:
    office.analyse(40, NOON - 2 * HOUR)
    office.analyse(60, NOON)
    tile = next(tile for tile in view(office.state, NOON, "default", 3600)["kpis"] if tile["key"] == "intent")
    assert (tile["tone"], tile["note"]) == ("bad", [("t", "target 42 · 0 % within")])
    assert office.tile("intent")["note"] == [("t", "target 42 · 50 % within")]


def test_the_window_passes_with_the_clock(office: Office) -> None:
    office.analyse(40, NOON)
    assert office.tile("intent", NOON + DAY - MINUTE)["value"] == "40 ms"
    assert office.tile("intent", NOON + DAY)["value"] == "no data"


def test_accuracy_is_the_share_of_labelled_analyses_that_were_right(office: Office) -> None:
    for number in range(4):
        office.analyse(40, identity=f"a{number}", intent_category="seller")
    for number, actual in enumerate(["seller", "seller", "buyer"]):
        office.hear("intent_feedback", analysis_id=f"a{number}", actual_category=actual)
    office.hear("intent_feedback", analysis_id="unknown", actual_category="buyer")
    ml = dashboard(office.state, NOON)["ml"]
    assert (ml["labelled"], ml["accuracy"]) == (3, 2 / 3)


def test_the_newest_label_of_an_analysis_counts(office: Office) -> None:
    office.analyse(40, identity="a", intent_category="seller")
    office.hear("intent_feedback", NOON, analysis_id="a", actual_category="buyer")
    office.hear("intent_feedback", NOON + MINUTE, analysis_id="a", actual_category="seller")
    office.hear("intent_feedback", NOON - MINUTE, analysis_id="a", actual_category="curious")
    ml = dashboard(office.state, NOON)["ml"]
    assert (ml["labelled"], ml["accuracy"]) == (1, 1.0)
