"""Lead sequences, recounted from the steps and the conversations alone."""

from datetime import UTC, datetime

from jorge_data.dashboard.lead_sequences import due_steps
from jorge_data.metrics.formatting import Unit, write
from jorge_data.metrics.statistics.frame_counts import counts
from jorge_data.metrics.statistics.period import zoned
from jorge_data.metrics.statistics.sequence_flow import flow
from tests.reconciliation.agreement import SKETCHED, agree
from tests.reconciliation.dashboard import Dashboard, Days
from tests.reconciliation.deliveries import NOW, ZONE
from tests.reconciliation.exact_statistics import nearest_rank
from tests.reconciliation.reconciled import reconciles

PAGE = "sequences"

ATTEMPTS = "FROM events WHERE type = 'lead_bot_sequence_update' AND us >= $start AND us < $end"
MATRIX = f"""
SELECT field('sequence_day') AS day, field('action_type'), count(*), count(*) FILTER (truth('success'))
{ATTEMPTS} GROUP BY ALL
"""
SUCCESS = f"SELECT count(*) FILTER (truth('success')) / nullif(count(*), 0) {ATTEMPTS}"
FAILURES = f"SELECT coalesce(field('failure_reason'), ''), count(*) {ATTEMPTS} AND NOT truth('success') GROUP BY ALL"
CALLS = f"""
SELECT number('retell_call_duration_seconds') {ATTEMPTS} AND field('retell_call_duration_seconds') IS NOT NULL
"""
STEPS = """
WITH steps AS (
    SELECT field('contact_id') AS contact, us, seq, CAST(number('sequence_day') AS INT) AS day,
        truth('success') AS success, field('next_action_date') AS due, field('action_type') AS action
    FROM events WHERE type = 'lead_bot_sequence_update'),
"""
TALK = """
talk AS (SELECT contact, us, seq, kind, own FROM spoken),
plan(day, channel) AS (VALUES (3, 'sms'), (7, 'call'), (14, 'email'), (30, 'sms')),
"""
PROMISES = """
signs AS (
    SELECT contact, us, seq FROM steps WHERE success
    UNION ALL SELECT contact, us, seq FROM talk WHERE own OR kind = 'appointment_booked'),
dated AS (
    SELECT *, CASE WHEN length(due) = 10 THEN CAST(due AS TIMESTAMP) AT TIME ZONE 'America/Chicago'
            ELSE CAST(due AS TIMESTAMPTZ) END AS due_at, due_at AT TIME ZONE 'America/Chicago' AS local_due,
        epoch_us((date_trunc('day', local_due) + INTERVAL 1 DAY) AT TIME ZONE 'America/Chicago') AS day_end,
        CASE action WHEN 'sms_sent' THEN 'sms' WHEN 'email_sent' THEN 'email' ELSE 'call' END AS taken_by,
        day + (epoch_us(due_at) - us) / 86400e6 AS ahead
    FROM steps WHERE due IS NOT NULL),
promises AS (
    SELECT dated.*, greatest((day_end, 0), (us, seq)) AS decided, CASE WHEN action = 'call_scheduled' THEN taken_by ELSE
        coalesce((SELECT arg_min(CASE WHEN plan.day = dated.day THEN taken_by ELSE channel END,
                (abs(plan.day - ahead), plan.day))
            FROM plan WHERE plan.day > dated.day OR (plan.day = dated.day AND NOT success)), taken_by) END AS channel
    FROM dated),
returned AS (
    SELECT promises.contact, promises.us, promises.seq, max((consents.us, consents.seq)) AS last_in
    FROM promises JOIN consents ON consents.contact = promises.contact AND consents.channel = promises.channel
        AND NOT gone AND (consents.us, consents.seq) < decided
    GROUP BY ALL),
left_us AS (
    SELECT promises.contact, promises.us, promises.seq, min((consents.us, consents.seq)) AS first_out
    FROM promises LEFT JOIN returned USING (contact, us, seq)
    JOIN consents ON consents.contact = promises.contact AND consents.channel = promises.channel AND gone
        AND (consents.us, consents.seq) > coalesce(last_in, (0, 0))
    GROUP BY ALL),
answered AS (
    SELECT promises.contact, promises.us, promises.seq, min(signs.us) AS sign_us
    FROM promises LEFT JOIN signs ON signs.contact = promises.contact
        AND (signs.us, signs.seq) > (promises.us, promises.seq)
    GROUP BY ALL),
settled AS (
    SELECT day, epoch_us(due_at) AS us, local_due, day_end, least(sign_us, first_out[1]) AS next_us
    FROM promises JOIN answered USING (contact, us, seq) LEFT JOIN left_us USING (contact, us, seq)
    WHERE first_out IS NULL OR first_out > (promises.us, promises.seq))
SELECT strftime(local_due, '%Y-%m-%d'), day,
    CASE WHEN next_us < day_end THEN 'done' WHEN next_us IS NOT NULL THEN 'late'
        WHEN day_end <= $today THEN 'overdue' ELSE 'open' END,
    count(*)
FROM settled WHERE us >= $start AND us < $end GROUP BY ALL
"""
TAKEN = """
intakes AS (
    SELECT contact, min((us, seq)) AS began, bool_or(day = 30 AND success) AS finished, list(DISTINCT day) AS days
    FROM steps GROUP BY contact),
stand AS (
    SELECT contact, channel, arg_max(gone, (us, seq)) AS gone, max((us, seq)) AS newest FROM consents GROUP BY ALL),
leavers AS (SELECT contact, max(newest) AS left_at FROM stand WHERE gone GROUP BY contact),
taken AS (
    SELECT intakes.contact, any_value(began[1]) AS us, any_value(days) AS days,
        CASE WHEN bool_or(kind = 'appointment_booked') THEN 'appointment' WHEN any_value(left_at > began)
            THEN 'opted_out' WHEN bool_or(own) THEN 'replied' WHEN any_value(finished) THEN 'finished'
            ELSE 'in_progress' END AS outcome
    FROM intakes LEFT JOIN leavers ON leavers.contact = intakes.contact
        LEFT JOIN talk ON talk.contact = intakes.contact AND (talk.us, talk.seq) > began
    GROUP BY intakes.contact)
"""
OUTCOMES = "SELECT outcome, count(*) FROM taken WHERE us >= $start AND us < $end GROUP BY outcome"
COHORTS = """
SELECT strftime(date_trunc('week', local(us)), '%Y-%m-%d'), outcome, count(*) FROM taken
WHERE us >= $start AND us < $end GROUP BY ALL
"""
FLOW = """
, stops AS (
    SELECT us, list_concat(list_transform(list_sort(days), lambda day: 'day ' || day), [outcome]) AS stops FROM taken)
SELECT stops[place], stops[place + 1], count(*) FROM stops, range(1, 6) AS places(place)
WHERE place < len(stops) AND us >= $start AND us < $end GROUP BY ALL
"""
TODAY = NOW.replace(hour=0)
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)

Promised = dict[tuple[str, int, str], int]
"""Promises by the day they are due, the day of the sequence that made them, and their state."""


def in_state(promised: Promised, state: str = "") -> int:
    return sum(n for (_, _, each), n in promised.items() if not state or each == state)


def kept_share(promised: Promised) -> float | None:
    settled = sum(in_state(promised, state) for state in ("done", "late", "overdue"))
    return in_state(promised, "done") / settled if settled else None


@reconciles("lead_sequences.steps", "lead_sequences.success")
def test_attempts_and_successes_are_counted_by_day_and_action(dashboard: Dashboard, days: Days) -> None:
    page = dashboard.page(PAGE, days)
    matrix = page.page_data.series("matrix").frame
    cells = zip(*(matrix[name] for name in ("sequence_day", "action_type", "value", "n")), strict=True)
    shown = {(day, action): (n, round(share * n)) for day, action, share, n in cells}
    assert shown == {(day, action): (n, good) for day, action, n, good in dashboard.raw.rows(MATRIX, **page.span)}
    for prefix, span in page.sides():
        n = sum(row[2] for row in dashboard.raw.rows(MATRIX, **span))
        agree(page.page_data.series(f"{prefix}steps").value, n or None)
        agree(page.page_data.series(f"{prefix}success").value, dashboard.raw.one(SUCCESS, **span))


@reconciles("lead_sequences.due", "lead_sequences.done", "lead_sequences.overdue", "lead_sequences.kept")
def test_every_promise_is_done_late_open_or_overdue(dashboard: Dashboard, days: Days) -> None:
    page = dashboard.page(PAGE, days)
    promised: Promised = dashboard.raw.table(STEPS + TALK + PROMISES, **page.span, today=TODAY)
    steps = due_steps.due_steps(page.page_data, "due")
    for state in ("done", "late", "open", "overdue"):
        by_day = {f"{t:%Y-%m-%d}": n for t, n in zip(steps.days["t"], steps.days[state], strict=True) if n}
        expected: dict[str, int] = {}
        for (day, _, each), n in promised.items():
            if each == state:
                expected[day] = expected.get(day, 0) + n
        assert by_day == expected, state
    assert steps.total.due == in_state(promised)
    agree(steps.total.kept, kept_share(promised))
    by_step = due_steps.by_step(steps)
    for step, state, n in zip(by_step["day"], by_step["state"], by_step["value"], strict=True):
        assert n == sum(m for (_, made, each), m in promised.items() if (str(made), each) == (step, state))


@reconciles("lead_sequences.outcome", "lead_sequences.cohorts")
def test_every_contact_has_one_outcome_in_the_week_of_its_intake(dashboard: Dashboard, days: Days) -> None:
    page = dashboard.page(PAGE, days)
    for prefix, span in page.sides():
        expected = dashboard.raw.table(STEPS + TALK + TAKEN + OUTCOMES, **span)
        shown = {
            outcome: n for (outcome,), n in counts(page.page_data.series(f"{prefix}outcomes").frame, "outcome").items()
        }
        assert shown == expected
        agree(page.page_data.series(f"{prefix}taken").value, sum(expected.values()) or None)
    weeks = page.page_data.series("cohorts").frame
    rows = zip(zoned(weeks["t"], ZONE), weeks["outcome"], weeks["n"], strict=True)
    by_week = {(f"{t:%Y-%m-%d}", outcome): n for t, outcome, n in rows}
    assert by_week == dashboard.raw.table(STEPS + TALK + TAKEN + COHORTS, **page.span)


@reconciles("lead_sequences.flow")
def test_contacts_flow_from_day_to_day_and_to_their_outcome(dashboard: Dashboard, days: Days) -> None:
    page = dashboard.page(PAGE, days)
    nodes, links = flow(page.page_data.series("flow").frame)
    shown = {(nodes[link.source], nodes[link.target]): link.n for link in links}
    assert shown == dashboard.raw.table(STEPS + TALK + TAKEN + FLOW, **page.span)


@reconciles("lead_sequences.calls")
def test_half_of_the_calls_lasted_no_longer(dashboard: Dashboard, days: Days) -> None:
    page = dashboard.page(PAGE, days)
    for prefix, span in page.sides():
        lasted = [seconds for (seconds,) in dashboard.raw.rows(CALLS, **span)]
        agree(page.page_data.series(f"{prefix}calls").value, nearest_rank(lasted, 0.5), SKETCHED)
        assert page.page_data.series(f"{prefix}calls").n == len(lasted)


@reconciles("lead_sequences.failures")
def test_failures_are_counted_by_their_reason(dashboard: Dashboard, days: Days) -> None:
    page = dashboard.page(PAGE, days)
    shown = {reason: n for (reason,), n in counts(page.page_data.series("failures").frame, "failure_reason").items()}
    assert shown == dashboard.raw.table(FAILURES, **page.span)


def test_the_tiles_read_as_recounted(dashboard: Dashboard, days: Days) -> None:
    page = dashboard.page(PAGE, days)
    raw, span = dashboard.raw, page.span
    promised: Promised = raw.table(STEPS + TALK + PROMISES, **span, today=TODAY)
    ever: Promised = raw.table(STEPS + TALK + PROMISES, start=LONG_AGO, end=datetime.now(UTC), today=datetime.now(UTC))
    outcomes = raw.table(STEPS + TALK + TAKEN + OUTCOMES, **span)
    assert page.tiles == page.tiles | {
        "Steps": write(sum(row[2] for row in raw.rows(MATRIX, **span)), Unit.COUNT),
        "Success rate": write(raw.one(SUCCESS, **span), Unit.SHARE),
        "Steps due": write(in_state(promised), Unit.COUNT),
        "Promises kept": write(kept_share(promised), Unit.SHARE),
        "Overdue": write(in_state(ever, "overdue"), Unit.COUNT),
        "Came in": write(sum(outcomes.values()), Unit.COUNT),
        "Appointments": write(outcomes["appointment"], Unit.COUNT),
    }
