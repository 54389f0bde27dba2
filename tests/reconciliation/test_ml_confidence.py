"""ML confidence, recounted from the analyses and the labels alone."""

import pytest

from jorge_data.dashboard.ml_confidence import data
from jorge_data.metrics.formatting import Unit, write
from jorge_data.metrics.statistics.calibration import expected_error, reliability
from jorge_data.metrics.statistics.confusion import confusion
from jorge_data.metrics.statistics.frame_counts import counts
from tests.reconciliation.agreement import SKETCHED, agree
from tests.reconciliation.dashboard import Dashboard, Days, Span
from tests.reconciliation.exact_statistics import nearest_rank, psi, wilson
from tests.reconciliation.raw_events import RawEvents
from tests.reconciliation.reconciled import reconciles

PAGE = "ml"
RANKS = {"p50": 0.5, "p95": 0.95, "p99": 0.99}

ANALYSES = "FROM events WHERE type = 'intent_analysis_complete' AND us >= $start AND us < $end"
LATENCIES = f"SELECT number('processing_time_ms') {ANALYSES}"
WITHIN = f"SELECT count(*) FILTER (number('processing_time_ms') <= 42) / nullif(count(*), 0) {ANALYSES}"
ABOVE = f"SELECT count(*) FILTER (number('confidence_score') > 0.85) / nullif(count(*), 0) {ANALYSES}"
CONFIDENCE = f"SELECT avg(CAST(field('confidence_score') AS DECIMAL(18, 6))) {ANALYSES}"
SPREAD = f"SELECT twentieth(number('confidence_score')) AS bin, count(*) {ANALYSES} GROUP BY bin"
CATEGORIES = f"SELECT field('intent_category'), count(*) {ANALYSES} GROUP BY ALL"
URGENCIES = f"SELECT field('urgency_level'), count(*) {ANALYSES} GROUP BY ALL"
FEATURES = f"""
SELECT feature, count(*), avg(confidence) FROM (
    SELECT CAST(field('confidence_score') AS DECIMAL(18, 6)) AS confidence,
        unnest(list_distinct(CAST(data -> '$.ml_features_triggered' AS VARCHAR[]))) AS feature {ANALYSES})
GROUP BY feature
"""
LABELS = """
WITH analyses AS (
    SELECT seq, id, source, us, field('intent_category') AS predicted, number('confidence_score') AS confidence
    FROM events WHERE type = 'intent_analysis_complete' AND us >= $start AND us < $end),
verdicts AS (
    SELECT seq, us, field('analysis_id') AS id, field('analysis_source') AS source, field('actual_category') AS actual
    FROM events WHERE type = 'intent_feedback'),
judged AS (
    SELECT predicted, confidence, arg_max(actual, (verdicts.us, verdicts.seq)) AS actual
    FROM analyses JOIN verdicts
        ON verdicts.id = analyses.id AND coalesce(verdicts.source, analyses.source) = analyses.source
    GROUP BY analyses.seq, predicted, confidence),
labels AS (SELECT predicted, actual, confidence, twentieth(confidence) AS bin FROM judged)
"""
CONFUSION = "SELECT predicted, actual, count(*) FROM labels GROUP BY ALL"
RELIABILITY = """
SELECT CAST(bin AS DOUBLE), count(*), count(*) FILTER (predicted = actual), avg(confidence) FROM labels GROUP BY bin
ORDER BY bin
"""


def accuracy(raw: RawEvents, span: Span) -> tuple[int, int]:
    """Return how many labelled analyses were right, of how many."""
    cells = raw.table(LABELS + CONFUSION, **span)
    return sum(n for (predicted, actual), n in cells.items() if predicted == actual), sum(cells.values())


def calibration_error(raw: RawEvents, span: Span) -> float | None:
    bins = raw.rows(LABELS + RELIABILITY, **span)
    n = sum(count for _, count, _, _ in bins)
    return sum(abs(right - count * confidence) for _, count, right, confidence in bins) / n if n else None


@reconciles("ml_confidence.latency")
def test_so_many_analyses_took_no_longer(dashboard: Dashboard, days: Days) -> None:
    page = dashboard.page(PAGE, days)
    for prefix, span in page.sides():
        took = [milliseconds for (milliseconds,) in dashboard.raw.rows(LATENCIES, **span)]
        for rank, q in RANKS.items():
            agree(page.page_data.series(f"{prefix}{rank}").value, nearest_rank(took, q), SKETCHED)


@reconciles("ml_confidence.within_target", "ml_confidence.above_target", "ml_confidence.confidence")
def test_shares_and_the_mean_are_those_of_the_events(dashboard: Dashboard, days: Days) -> None:
    page = dashboard.page(PAGE, days)
    for prefix, span in page.sides():
        for name, sql in (("within", WITHIN), ("above", ABOVE), ("confidence", CONFIDENCE)):
            agree(page.page_data.series(f"{prefix}{name}").value, dashboard.raw.one(sql, **span))


@reconciles("ml_confidence.confidence_spread", "ml_confidence.drift")
def test_confidence_is_spread_over_twentieths_and_has_drifted(dashboard: Dashboard, days: Days) -> None:
    page = dashboard.page(PAGE, days)
    (_, now), (_, before) = page.sides()
    spread, spread_before = (dashboard.raw.table(SPREAD, **span) for span in (now, before))
    shown, shown_before = (page.page_data.series(name).frame for name in ("spread", "spread_before"))
    assert {bin_: n for (bin_,), n in counts(shown, "bin").items()} == spread
    assert {bin_: n for (bin_,), n in counts(shown_before, "bin").items()} == spread_before
    drift = data.drifted(shown, shown_before, "bin")
    agree(drift and drift.psi, psi(spread_before, spread) if spread_before and spread else None)


@reconciles("ml_confidence.categories")
def test_analyses_are_counted_by_category_and_by_urgency(dashboard: Dashboard, days: Days) -> None:
    page = dashboard.page(PAGE, days)
    for name, split, sql in (
        ("categories", "intent_category", CATEGORIES),
        ("urgency", "urgency_level", URGENCIES),
    ):
        shown = {value: n for (value,), n in counts(page.page_data.series(name).frame, split).items()}
        assert shown == dashboard.raw.table(sql, **page.span)


@reconciles("ml_confidence.features")
def test_a_feature_counts_once_an_analysis(dashboard: Dashboard, days: Days) -> None:
    page = dashboard.page(PAGE, days)
    frame = page.page_data.series("features").frame
    shown = {name: (n, mean) for name, n, mean in zip(frame["feature"], frame["n"], frame["value"], strict=True)}
    expected = {name: (n, mean) for name, n, mean in dashboard.raw.rows(FEATURES, **page.span)}
    assert shown == {name: (n, pytest.approx(mean)) for name, (n, mean) in expected.items()}


@reconciles("ml_confidence.accuracy", "ml_confidence.confusion")
def test_the_newest_label_of_an_analysis_judges_it(dashboard: Dashboard, days: Days) -> None:
    page = dashboard.page(PAGE, days)
    for prefix, span in page.sides():
        right, n = accuracy(dashboard.raw, span)
        shown = confusion(page.page_data.series(f"{prefix}confusion").frame)
        cells = dashboard.raw.table(LABELS + CONFUSION, **span)
        assert shown.cells == cells
        agree(shown.accuracy, right / n if n else None)
        bounds = wilson(right, n)
        for end, bound in zip(shown.interval or (None, None), bounds or (None, None), strict=True):
            agree(end, bound)


@reconciles("ml_confidence.reliability", "ml_confidence.ece")
def test_confidence_is_held_against_what_was_right_in_each_bin(dashboard: Dashboard, days: Days) -> None:
    page = dashboard.page(PAGE, days)
    for prefix, span in page.sides():
        shown = reliability(page.page_data.series(f"{prefix}calibration").frame)
        expected = dashboard.raw.rows(LABELS + RELIABILITY, **span)
        assert [(each.low, each.n, each.right) for each in shown] == [tuple(row[:3]) for row in expected]
        for each, (_, n, right, confidence) in zip(shown, expected, strict=True):
            agree(each.confidence, confidence)
            agree(each.accuracy, right / n)
            assert each.interval == pytest.approx(wilson(right, n))
        agree(expected_error(shown), calibration_error(dashboard.raw, span))


def test_the_tiles_read_as_recounted(dashboard: Dashboard, days: Days) -> None:
    page = dashboard.page(PAGE, days)
    raw, span = dashboard.raw, page.span
    right, n = accuracy(raw, span)
    assert page.tiles == page.tiles | {
        "Within the target": write(raw.one(WITHIN, **span), Unit.SHARE),
        "Mean confidence": write(raw.one(CONFIDENCE, **span), Unit.RATIO),
        "Above the target": write(raw.one(ABOVE, **span), Unit.SHARE),
        "Accuracy": write(right / n, Unit.SHARE),
        "Expected calibration error": write(calibration_error(raw, span), Unit.RATIO),
    }
