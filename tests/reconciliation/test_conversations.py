"""Conversations and contacts, recounted from the events that name a contact."""

from jorge_data.dashboard.conversations import data
from jorge_data.dashboard.ui.page_data import PageData
from jorge_data.metrics.formatting import Unit, write
from jorge_data.metrics.statistics.frame_counts import counts
from tests.reconciliation.agreement import agree
from tests.reconciliation.dashboard import Dashboard, Days
from tests.reconciliation.reconciled import reconciles

PAGE = "conversations"

TALK = "FROM events WHERE type = 'conversation_event' AND us >= $start AND us < $end"
ACTIVE = """
SELECT count(*) FROM (
    SELECT min(spoken.us) AS first, max(spoken.us) AS last, any_value(ended.us) AS opted_out
    FROM spoken LEFT JOIN ended USING (conversation) GROUP BY conversation)
WHERE first < $end AND last >= $start AND (opted_out IS NULL OR opted_out >= $end)
"""
OF_KIND = f"SELECT count(*) {TALK} AND field('kind') = $kind"
DIRECTIONS = f"""
SELECT strftime(local(us), '%Y-%m-%d'), coalesce(field('direction'), ''), count(*) {TALK} AND field('kind') = 'message'
GROUP BY ALL
"""
SENTIMENT = f"SELECT field('sentiment') AS sentiment, count(*) {TALK} AND sentiment IS NOT NULL GROUP BY ALL"
CHANGES = "SELECT count(*) FROM events WHERE type = 'contact_update' AND us >= $start AND us < $end"
CONTACTS = """
WITH said AS (
    SELECT contact, arg_max(own, (us, seq)) AS own, arg_max(channel, (us, seq)) AS channel, max((us, seq)) AS newest
    FROM spoken WHERE kind = 'message' GROUP BY contact),
consent AS (
    SELECT contact, channel, arg_max(gone, (us, seq)) AS gone, max((us, seq)) AS newest FROM consents GROUP BY ALL),
waits AS (
    SELECT contact, own AND NOT (coalesce(gone, false) AND consent.newest > said.newest)
        AND coalesce(touched.newest, (0, 0)) < said.newest AS waiting
    FROM said LEFT JOIN consent USING (contact, channel) LEFT JOIN touched USING (contact)),
contacts AS (
    SELECT field('contact_id') AS contact, max(us) AS us FROM events
    WHERE type IN ('jorge_qualification_progress', 'lead_bot_sequence_update', 'conversation_event', 'property_alert',
        'contact_update')
    GROUP BY contact)
SELECT count(*), count(*) FILTER (coalesce(waiting, false)) FROM contacts LEFT JOIN waits USING (contact)
WHERE us >= $start AND us < $end
"""
KINDS = {"messages": "message", "stalls": "stall_detected", "handoffs": "handoff"}


def total(page_data: PageData, name: str) -> int:
    return page_data.table(name).total


@reconciles("conversations.contacts", "conversations.waiting")
def test_a_contact_counts_where_it_was_last_heard_of(dashboard: Dashboard, days: Days) -> None:
    page = dashboard.page(PAGE, days)
    ((contacts, waiting),) = dashboard.raw.rows(CONTACTS, **page.span)
    assert (total(page.page_data, "contacts"), total(page.page_data, "waiting")) == (contacts, waiting)


@reconciles("conversations.active")
def test_a_conversation_is_active_where_it_overlaps_the_period(dashboard: Dashboard, days: Days) -> None:
    page = dashboard.page(PAGE, days)
    value, (_, now), (_, before) = data.active(page.page_data, page.query), *page.sides()
    agree(value.now, dashboard.raw.one(ACTIVE, **now))
    agree(value.before, dashboard.raw.one(ACTIVE, **before) or None)


@reconciles("conversations.messages", "conversations.stalls", "conversations.handoffs", "conversations.changes")
def test_what_happened_in_conversations_is_counted_by_its_kind(dashboard: Dashboard, days: Days) -> None:
    page = dashboard.page(PAGE, days)
    for prefix, span in page.sides():
        for name, kind in KINDS.items():
            agree(page.page_data.series(f"{prefix}{name}").value, dashboard.raw.one(OF_KIND, **span, kind=kind) or None)
        agree(page.page_data.series(f"{prefix}changes").value, dashboard.raw.one(CHANGES, **span) or None)
    frame = page.page_data.series("directions").frame
    cells = zip(frame["t"], frame["direction"], frame["n"], strict=True)
    assert {(f"{t:%Y-%m-%d}", direction): n for t, direction, n in cells} == dashboard.raw.table(
        DIRECTIONS, **page.span
    )


@reconciles("conversations.sentiment")
def test_sentiment_is_of_the_events_that_carry_one(dashboard: Dashboard, days: Days) -> None:
    page = dashboard.page(PAGE, days)
    for prefix, span in page.sides():
        shown = {
            name: n for (name,), n in counts(page.page_data.series(f"{prefix}sentiment").frame, "sentiment").items()
        }
        assert shown == dashboard.raw.table(SENTIMENT, **span)


def test_the_tiles_read_as_recounted(dashboard: Dashboard, days: Days) -> None:
    page = dashboard.page(PAGE, days)
    ((contacts, waiting),) = dashboard.raw.rows(CONTACTS, **page.span)
    sentiment = dashboard.raw.table(SENTIMENT, **page.span)
    assert page.tiles == page.tiles | {
        "Contacts": write(contacts, Unit.COUNT),
        "Waiting for us": write(waiting, Unit.COUNT),
        "Active conversations": write(dashboard.raw.one(ACTIVE, **page.span), Unit.COUNT),
        "In a good mood": write(sentiment["positive"] / sum(sentiment.values()), Unit.SHARE),
    }
