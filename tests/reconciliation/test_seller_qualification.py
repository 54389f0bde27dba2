"""Seller qualification, recounted from the qualification events alone."""

from fractions import Fraction

from jorge_data.dashboard.seller_qualification import data
from jorge_data.dashboard.ui import time_in_stage
from jorge_data.dashboard.ui.page_data import BEFORE
from jorge_data.dashboard.ui.time_in_stage import RECENT_SUFFIX
from jorge_data.metrics.formatting import Unit, write
from jorge_data.metrics.statistics.frame_counts import counts
from jorge_data.metrics.statistics.funnel import funnel
from tests.reconciliation.agreement import SKETCHED, agree, agree_all
from tests.reconciliation.dashboard import Dashboard, Days, Span
from tests.reconciliation.deliveries import NOW
from tests.reconciliation.exact_statistics import done_by, median, split_censored
from tests.reconciliation.raw_events import RawEvents
from tests.reconciliation.reconciled import reconciles
from tests.reconciliation.waits import WAITS

PAGE = "qualification"
STEPS = ("Q1", "Q2", "Q3", "Q4", "hot")

ANSWERS = """
WITH answers AS (
    SELECT field('contact_id') AS contact, us, seq, CAST(number('questions_answered') AS INT) AS answered,
        CAST(number('current_question') AS INT) AS question, field('seller_temperature') AS temperature,
        truth('stall_detected') AS stalled, coalesce(field('stall_type'), '') AS stall_type
    FROM events WHERE type = 'jorge_qualification_progress'),
sellers AS (
    SELECT contact, min(us) AS started, max(answered) AS reached, min(us) FILTER (temperature = 'hot') AS hot_at
    FROM answers GROUP BY contact)
"""
REACHED = """
SELECT k, count(*) FILTER (reached >= k AND (k < 5 OR hot_at IS NOT NULL))
FROM (SELECT contact, started, hot_at, reached + (reached = 4)::INT AS reached FROM sellers), range(6) AS stage(k)
WHERE started >= $start AND started < $end GROUP BY k
"""
HOT = "SELECT count(hot_at) / nullif(count(*), 0) FROM sellers WHERE started >= $start AND started < $end"
TAKEN = """
, reached AS (
    SELECT contact, k, min(us) AS us FROM answers, range(5) AS milestone(k) WHERE answered >= k GROUP BY contact, k),
steps AS (
    SELECT 'Q' || (here.k + 1) AS step, here.us AS entered, following.us AS done
    FROM reached AS here LEFT JOIN reached AS following ON following.contact = here.contact AND following.k = here.k + 1
    WHERE here.k < 4
    UNION ALL SELECT 'hot', started, hot_at FROM sellers)
SELECT (coalesce(done, $now) - entered) / 1e6, done IS NOT NULL FROM steps
WHERE step = $step AND entered >= $start AND entered < $end
"""
TOUCHED = f"{WAITS} SELECT (coalesce(touched, $now) - since) / 1e6, touched IS NOT NULL FROM waits"
MOVES = """
, moves AS (
    SELECT us, coalesce(lag(temperature) OVER (PARTITION BY contact ORDER BY us, seq), '') AS was, temperature
    FROM answers)
SELECT was, temperature, count(*) FROM moves
WHERE was <> temperature AND us >= $start AND us < $end GROUP BY ALL
"""
STOCK = """
SELECT temperature, count(*) FROM
    (SELECT arg_max(temperature, (us, seq)) AS temperature FROM answers WHERE us < $end GROUP BY contact)
GROUP BY temperature
"""
BEGUN = """
, begun AS (
    SELECT * FROM (
        SELECT contact, question, min(us) AS us, bool_or(stalled) AS stalled,
            arg_min(stall_type, (us, seq)) FILTER (stalled) AS stall_type
        FROM answers GROUP BY contact, question)
    WHERE us >= $start AND us < $end)
"""
STALL_RATE = "SELECT count(*) FILTER (stalled) / nullif(count(*), 0) FROM begun"
STALLS = """
SELECT 'Q' || (question + 1), CASE WHEN stalled THEN 'yes' ELSE 'no' END, count(*) FROM begun GROUP BY ALL
"""
STALL_TYPES = "SELECT stall_type, count(*) FROM begun WHERE stalled GROUP BY ALL"
EFFECTIVENESS = """
SELECT avg(CAST(data ->> '$.confrontational_effectiveness' AS DECIMAL(18, 6))) FROM events
WHERE type = 'jorge_qualification_progress' AND us >= $start AND us < $end
"""
SPREAD = """
SELECT tenth(number('confrontational_effectiveness')) AS bin, count(*)
FROM events WHERE type = 'jorge_qualification_progress' AND us >= $start AND us < $end GROUP BY bin
"""


def reached(raw: RawEvents, span: Span) -> list[int]:
    sellers = raw.table(ANSWERS + REACHED, **span)
    return [sellers.get(k, 0) for k in range(6)]


@reconciles("seller_qualification.started", "seller_qualification.funnel")
def test_the_funnel_counts_every_seller_who_started_at_each_stage(dashboard: Dashboard, days: Days) -> None:
    page = dashboard.page(PAGE, days)
    for prefix, span in page.sides():
        counted = reached(dashboard.raw, span)
        shown = funnel(page.page_data.series(f"{prefix}cohort").frame)
        agree(page.page_data.series(f"{prefix}started").value, counted[0] or None)
        if shown is None:
            assert counted == [0] * 6
            continue
        for stage, n in zip(shown.stages, counted, strict=True):
            assert stage.n == n
            agree(stage.of_start, n / counted[0])


@reconciles("seller_qualification.hot_share")
def test_those_who_became_hot_are_counted_however_far_they_came(dashboard: Dashboard, days: Days) -> None:
    page = dashboard.page(PAGE, days)
    for prefix, span in page.sides():
        expected = dashboard.raw.one(ANSWERS + HOT, **span)
        agree(data.hot_share(page.page_data.series(f"{prefix}cohort").frame), expected)


@reconciles("seller_qualification.step_time", "seller_qualification.time_to_hot")
def test_the_median_of_each_step_counts_those_still_at_it(dashboard: Dashboard, days: Days) -> None:
    page = dashboard.page(PAGE, days)
    names = {name for name in page.page_data.requests if time_in_stage.OPEN in name}
    assert names == {time_in_stage.OPEN, time_in_stage.OPEN + RECENT_SUFFIX, BEFORE + time_in_stage.OPEN}, (
        "what began before the period is old"
    )
    for prefix, span in page.sides():
        shown = {
            stay.stage: stay.median for stay in time_in_stage.time_in_stage(page.page_data, "step", before=bool(prefix))
        }
        taken = {step: dashboard.raw.rows(ANSWERS + TAKEN, **span, step=step, now=NOW) for step in STEPS}
        agree_all(shown, {step: median(*split_censored(rows)) for step, rows in taken.items() if rows}, SKETCHED)


@reconciles("seller_qualification.speed_to_lead")
def test_speed_to_lead_counts_those_nobody_has_spoken_to(dashboard: Dashboard, days: Days) -> None:
    page = dashboard.page(PAGE, days)
    waited = split_censored(dashboard.raw.rows(ANSWERS + TOUCHED, **page.span, now=NOW))
    for q in (0.5, 0.9):
        shown = data.speed_to_lead(page.page_data, page.query, q)
        agree(shown.now, done_by(Fraction(str(q)), *waited), SKETCHED)
        assert shown.n == sum(map(len, waited))


@reconciles("seller_qualification.stock")
def test_the_stock_is_what_each_seller_was_at_the_end_of_the_day_the_first_as_the_period_began(
    dashboard: Dashboard, days: Days
) -> None:
    page = dashboard.page(PAGE, days)
    frame = data.temperatures(page.page_data, page.query)
    begins = sorted(set(frame["t"]))
    for at, end in zip(begins, [page.query.start, *begins[2:], page.query.end], strict=True):
        shown = frame[frame["t"] == at].set_index("temperature")["value"].to_dict()
        assert {name: n for name, n in shown.items() if n} == dashboard.raw.table(ANSWERS + STOCK, end=end)


@reconciles("seller_qualification.moves")
def test_moves_are_the_changes_between_successive_events(dashboard: Dashboard, days: Days) -> None:
    page = dashboard.page(PAGE, days)
    assert counts(page.page_data.series("moved").frame, "from", "to") == dashboard.raw.table(
        ANSWERS + MOVES, **page.span
    )
    for prefix, span in page.sides():
        n = sum(dashboard.raw.table(ANSWERS + MOVES, **span).values())
        agree(page.page_data.series(f"{prefix}moves").value, n or None)


@reconciles("seller_qualification.effectiveness")
def test_effectiveness_is_the_mean_over_events(dashboard: Dashboard, days: Days) -> None:
    page = dashboard.page(PAGE, days)
    for prefix, span in page.sides():
        agree(page.page_data.series(f"{prefix}effectiveness").value, dashboard.raw.one(EFFECTIVENESS, **span))


@reconciles("seller_qualification.effectiveness_spread")
def test_effectiveness_is_spread_over_tenths(dashboard: Dashboard, days: Days) -> None:
    page = dashboard.page(PAGE, days)
    shown = {bin_: n for (bin_,), n in counts(page.page_data.series("spread").frame, "bin").items()}
    assert shown == dashboard.raw.table(SPREAD, **page.span)


@reconciles("seller_qualification.stall_rate", "seller_qualification.stall_types")
def test_a_seller_stalls_once_at_a_question(dashboard: Dashboard, days: Days) -> None:
    page = dashboard.page(PAGE, days)
    for prefix, span in page.sides():
        agree(
            page.page_data.series(f"{prefix}stalled").value,
            dashboard.raw.one(ANSWERS + BEGUN + STALL_RATE, **span),
        )
    by_question = dashboard.raw.table(ANSWERS + BEGUN + STALLS, **page.span)
    assert counts(page.page_data.series("stalls").frame, "question", "stalled") == by_question
    shown = {sort: n for (sort,), n in counts(page.page_data.series("types").frame, "stall_type").items()}
    assert shown == dashboard.raw.table(ANSWERS + BEGUN + STALL_TYPES, **page.span)


def test_the_tiles_read_as_recounted(dashboard: Dashboard, days: Days) -> None:
    page = dashboard.page(PAGE, days)
    raw, span = dashboard.raw, page.span
    counted = reached(raw, span)
    assert page.tiles == page.tiles | {
        "Sellers started": write(counted[0], Unit.COUNT),
        "Answered all four": write(counted[4], Unit.COUNT),
        "Became hot": write(raw.one(ANSWERS + HOT, **span), Unit.SHARE),
        "Rated hot (silent ones too)": write(raw.table(ANSWERS + STOCK, **span)["hot"], Unit.COUNT),
        "Effectiveness": write(raw.one(EFFECTIVENESS, **span), Unit.SCORE),
        "Stall rate": write(raw.one(ANSWERS + BEGUN + STALL_RATE, **span), Unit.SHARE),
        "Changes of temperature": write(sum(raw.table(ANSWERS + MOVES, **span).values()), Unit.COUNT),
    }
