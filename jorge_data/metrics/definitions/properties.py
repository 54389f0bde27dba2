"""The figures of Properties."""

from jorge_data.metrics.definitions.definition import Definition
from jorge_data.metrics.formatting import Unit

EVENT = "property_alert"

FIGURES = {
    "alerts": Definition(
        "Alerts",
        "Property alerts in the period, by type where split.",
        "count of events by alert_type",
        Unit.COUNT,
        EVENT,
        EVENT,
    ),
    "match": Definition(
        "Match",
        "Mean match score (0–100) of the period's alerts.",
        "Σ match_score / n",
        Unit.SCORE,
        EVENT,
        EVENT,
    ),
    "match_spread": Definition(
        "Match, distribution",
        "How many alerts have a match in each ten points.",
        "count by ⌊match_score / 10⌋ × 10; 100 counts to 90",
        Unit.COUNT,
        EVENT,
        EVENT,
    ),
    "by_contact": Definition(
        "By contact and by property",
        "Alerts of one contact, or of one property.",
        "count of events by contact_id, property_id",
        Unit.COUNT,
        EVENT,
        EVENT,
    ),
    "answered": Definition(
        "Answered",
        "Share of alerts after which the contact wrote or called within 7 days; younger ones may still be answered.",
        "alerts with an inbound message or call within 7 days / alerts; Wilson's interval",
        Unit.SHARE,
        "property_alert, conversation_event",
        "alert_response",
        "no alert in the period",
    ),
    "answer_time": Definition(
        "Time to the answer",
        "By then half of the alerts were answered; those waiting are counted by their age, 7 days at most.",
        "Kaplan–Meier median of (first inbound message or call − alert)",
        Unit.SECONDS,
        "property_alert, conversation_event",
        "alert_response",
        "fewer than half were answered",
    ),
}
