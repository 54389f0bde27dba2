"""ML confidence, recounted from the analyses and the labels alone."""

import pytest

from jorge_data.dashboard.ml_confidence import costs, data
from jorge_data.dashboard.query.requests import TableRequest
from jorge_data.metrics.formatting import Unit, write
from jorge_data.metrics.statistics.calibration import expected_error, reliability
from jorge_data.metrics.statistics.confusion import confusion
from jorge_data.metrics.statistics.frame_counts import counts
from tests.reconciliation import deals
from tests.reconciliation.agreement import SKETCHED, agree
from tests.reconciliation.dashboard import LOCATION, Dashboard, Days, Span
from tests.reconciliation.exact_statistics import nearest_rank, psi, wilson
from tests.reconciliation.raw_events import RawEvents
from tests.reconciliation.reconciled import reconciles
from tests.reconciliation.test_command_center import TURNED_HOT

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

BOT_EVENTS = """
WITH bots AS (
    SELECT us, type, source, coalesce(field('script_version'), '') AS script, field('conversation_id') AS conversation,
        CASE WHEN number('cost_usd') <= 1000 THEN CAST(field('cost_usd') AS DECIMAL(38, 12)) END AS cost
    FROM events
    WHERE type IN ('jorge_qualification_progress', 'lead_bot_sequence_update', 'intent_analysis_complete',
        'property_alert') OR (type = 'conversation_event' AND field('author') = 'bot') OR number('cost_usd') <= 1000)
"""
SPENT = "SELECT sum(cost), count(cost), count(*) FROM bots WHERE us >= $start AND us < $end"
BY_SCRIPT = """
SELECT type, source, script, sum(cost), count(cost) FROM bots
WHERE us >= $start AND us < $end AND cost IS NOT NULL GROUP BY ALL
"""
WITH_BOTS = """
SELECT count(*) FROM (SELECT min(us) AS us FROM bots WHERE type = 'conversation_event' GROUP BY conversation)
WHERE us >= $start AND us < $end
"""
APPOINTMENTS = """
WITH told AS (
    SELECT us, seq, field('contact_id') AS contact, coalesce(field('appointment_id'), '') AS appointment,
        field('kind') = 'appointment_booked' AS booked
    FROM events WHERE type = 'conversation_event'
        AND (booked OR coalesce(field('appointment_status'), '') = 'deleted'))
SELECT count(*) FROM (
    SELECT min(us) AS us, arg_max(booked, (us, seq)) AS booked FROM told GROUP BY contact, appointment)
WHERE booked AND us >= $start AND us < $end
"""


def outcomes(raw: RawEvents, span: Span) -> dict[str, int]:
    """Return what the cost of a period is divided by."""
    start, end = (round(moment.timestamp()) * 1_000_000 for moment in (span["start"], span["end"]))
    newest = [deal.newest for deal in deals.read(raw)]
    return {
        "cost_per_conversation": raw.one(BOT_EVENTS + WITH_BOTS, **span),
        "cost_per_hot": raw.one(TURNED_HOT, **span),
        "cost_per_appointment": raw.one(APPOINTMENTS, **span),
        "cost_per_deal": sum(each.status == "won" and start <= (each.closed or 0) < end for each in newest),
    }


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


@reconciles(*(f"ml_confidence.{name}" for name in costs.OUTCOMES))
def test_the_cost_of_the_bots_is_divided_by_what_came_of_it(dashboard: Dashboard, days: Days) -> None:
    page = dashboard.page(PAGE, days)
    for prefix, span in page.sides():
        ((dollars, told, events),) = dashboard.raw.rows(BOT_EVENTS + SPENT, **span)
        spent = costs.spending(page.page_data, prefix)
        agree(spent.dollars, float(dollars or 0))
        assert (spent.told, spent.events) == (told, events)
        for name, n in outcomes(dashboard.raw, span).items():
            assert page.page_data.series(prefix + name).n == n
            shown = costs.per(name, page.page_data)
            agree(shown.before if prefix else shown.now, float(dollars) / n if n and told else None)


@reconciles("ml_confidence.cost_by_script")
def test_each_script_has_its_own_cost(dashboard: Dashboard, days: Days) -> None:
    page = dashboard.page(PAGE, days)
    frame = costs.by_script(page.page_data)
    columns = (frame[name] for name in ("work", "source", "script_version", "value", "n"))
    shown = {(work, source, script): (value, n) for work, source, script, value, n in zip(*columns, strict=True)}
    rows = dashboard.raw.rows(BOT_EVENTS + BY_SCRIPT, **page.span)
    expected = {(costs.NAMES[kind], *script): (float(dollars), n) for kind, *script, dollars, n in rows}
    assert shown == {script: (pytest.approx(dollars), n) for script, (dollars, n) in expected.items()}
    for token, n in zip(frame["drill"], frame["n"], strict=True):
        assert dashboard.client.table(TableRequest.read(token, LOCATION)).total == n


def test_the_tiles_read_as_recounted(dashboard: Dashboard, days: Days) -> None:
    page = dashboard.page(PAGE, days)
    raw, span = dashboard.raw, page.span
    right, n = accuracy(raw, span)
    assert page.tiles == page.tiles | {
        "Within the target": write(raw.one(WITHIN, **span), Unit.SHARE),
        "Average confidence": write(raw.one(CONFIDENCE, **span), Unit.SHARE),
        "Above the target": write(raw.one(ABOVE, **span), Unit.SHARE),
        "Accuracy": write(right / n, Unit.SHARE),
        "Confidence is off by": write(calibration_error(raw, span), Unit.SHARE),
    }
