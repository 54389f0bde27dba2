"""Properties, recounted from the alerts and the contacts' own messages alone."""

from jorge_data.dashboard.properties import data
from jorge_data.metrics.formatting import Unit, write
from jorge_data.metrics.statistics.frame_counts import counts
from tests.reconciliation.agreement import SKETCHED, agree
from tests.reconciliation.dashboard import Dashboard, Days
from tests.reconciliation.deliveries import NOW
from tests.reconciliation.exact_statistics import median, split_censored, wilson
from tests.reconciliation.reconciled import reconciles

PAGE = "properties"

ALERTS = "FROM events WHERE type = 'property_alert' AND us >= $start AND us < $end"
MATCH = f"SELECT avg(CAST(field('match_score') AS DECIMAL(18, 6))) {ALERTS}"
MATCHES = f"SELECT tenth(number('match_score')), field('alert_type'), count(*) {ALERTS} GROUP BY ALL"
CONTACTS = f"SELECT field('contact_id'), count(*) {ALERTS} GROUP BY ALL"
PROPERTIES = f"SELECT field('property_id'), count(*) {ALERTS} GROUP BY ALL"
TYPES = f"SELECT strftime(local(us), '%Y-%m-%d'), field('alert_type'), count(*) {ALERTS} GROUP BY ALL"
RESPONSES = """
WITH replies AS (
    SELECT contact, us, seq FROM spoken WHERE own),
alerts AS (
    SELECT us, field('alert_type') AS alert_type,
        (SELECT min(replies.us) FROM replies
            WHERE contact = field('contact_id') AND (replies.us, replies.seq) > (events.us, events.seq)) AS answer
    FROM events WHERE type = 'property_alert' AND us >= $start AND us < $end),
settled AS (SELECT us, alert_type, answer, answer - us <= 7 * 86_400_000_000 AS answered FROM alerts)
SELECT alert_type, CASE WHEN answered THEN answer - us ELSE least($now - us, 7 * 86_400_000_000) END / 1e6,
    coalesce(answered, false)
FROM settled
"""


@reconciles("properties.alerts", "properties.match", "properties.match_spread")
def test_alerts_are_counted_by_type_day_and_match(dashboard: Dashboard, days: Days) -> None:
    page = dashboard.page(PAGE, days)
    for prefix, span in page.sides():
        agree(
            page.page_data.series(f"{prefix}alerts").value, sum(dashboard.raw.table(MATCHES, **span).values()) or None
        )
        agree(page.page_data.series(f"{prefix}match").value, dashboard.raw.one(MATCH, **span))
    by_day = page.page_data.series("types").frame
    shown = {
        (f"{t:%Y-%m-%d}", sort): n for t, sort, n in zip(by_day["t"], by_day["alert_type"], by_day["n"], strict=True)
    }
    assert shown == dashboard.raw.table(TYPES, **page.span)
    scores = counts(page.page_data.series("scores").frame, "score_bin", "alert_type")
    assert scores == dashboard.raw.table(MATCHES, **page.span)


@reconciles("properties.by_contact")
def test_alerts_are_counted_by_contact_and_by_property(dashboard: Dashboard, days: Days) -> None:
    page = dashboard.page(PAGE, days)
    for name, split, sql in (("contacts", "contact_id", CONTACTS), ("properties", "property_id", PROPERTIES)):
        shown = {value: n for (value,), n in counts(page.page_data.series(name).frame, split).items()}
        expected = dashboard.raw.table(sql, **page.span)
        assert shown.items() <= expected.items()
        assert sorted(shown.values()) == sorted(expected.values())[-data.MOST :]


@reconciles("properties.answered", "properties.answer_time")
def test_an_answer_is_the_contacts_next_own_message_within_seven_days(dashboard: Dashboard, days: Days) -> None:
    page = dashboard.page(PAGE, days)
    for prefix, span in page.sides():
        alerts = dashboard.raw.rows(RESPONSES, **span, now=NOW)
        answered = sum(done for _, _, done in alerts)
        share = data.answered_share(page.page_data.series(f"{prefix}states").frame)
        agree(share, answered / len(alerts) if alerts else None)
        expected = median(*split_censored((took, done) for _, took, done in alerts))
        agree(data.curve(page.page_data, before=bool(prefix)).median, expected, SKETCHED)
        for each in data.responses_by_type(page.page_data, before=bool(prefix)):
            of_type = [(took, done) for sort, took, done in alerts if sort == each.alert_type]
            assert (each.alerts, each.answered) == (len(of_type), sum(done for _, done in of_type))
            agree(each.median_s, median(*split_censored(of_type)), SKETCHED)
            bounds = wilson(each.answered, each.alerts)
            assert bounds is not None
            assert each.interval is not None
            for shown, bound in zip(each.interval, bounds, strict=True):
                agree(shown, bound)


def test_the_tiles_read_as_recounted(dashboard: Dashboard, days: Days) -> None:
    page = dashboard.page(PAGE, days)
    alerts = dashboard.raw.rows(RESPONSES, **page.span, now=NOW)
    assert page.tiles == page.tiles | {
        "Alerts": write(len(alerts), Unit.COUNT),
        "Match": write(dashboard.raw.one(MATCH, **page.span), Unit.SCORE),
        "Answered": write(sum(done for _, _, done in alerts) / len(alerts), Unit.SHARE),
    }
