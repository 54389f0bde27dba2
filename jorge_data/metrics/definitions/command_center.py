"""The figures of the Command Center, which are of now: asked of the history like those of every page."""

from jorge_data.metrics.definitions.definition import Definition
from jorge_data.metrics.definitions.shared import ACTIVE, COMMISSION, HOT, OVERDUE, WAITING
from jorge_data.metrics.formatting import Unit

FIGURES = {
    "needs": Definition(
        "Needs you",
        "What is open and waits for a person: components down, messages by a bot to who had opted out, hot sellers no "
        "agent has spoken to, callbacks, silent or failing bots, calls without an outcome, stalls, failed sends. "
        "Nobody drops off by time alone.",
        "count of open items not acknowledged or snoozed",
        Unit.COUNT,
        "all kinds",
        "/api/dashboard/metrics",
        "never: where nothing is open it says so",
        period="now, however long it has been open",
        who="contacts, bots and components",
    ),
    "hot": HOT,
    "conversations": ACTIVE,
    "waiting": WAITING,
    "pipeline": COMMISSION,
    "won": Definition(
        "Won this month",
        "Our commission on deals won in the office's month, US dollars, against the month's target.",
        "Σ deal_value × rate on the day of closing, over deals with closed_at in the month",
        Unit.DOLLARS,
        "commission_update",
        "deal_state",
        "no deal was ever heard of",
        period="the office's month",
        who="deals whose newest status is won",
    ),
    "sequences": Definition(
        "Sequence steps today",
        "3-7-30 steps that succeeded in the office's day, of those and the promised ones still due today.",
        "successful steps today, of those + promises in state open whose day is today",
        Unit.COUNT,
        "lead_bot_sequence_update, conversation_event",
        "lead_bot_sequence_update, sequence_due",
        "no sequence was ever heard of",
        period="the office's today",
        who="3-7-30 steps",
    ),
    "overdue": OVERDUE,
    "intent": Definition(
        "95 of 100 answers within",
        "The intent decoder needed no longer for 95 % of the analyses of the last 24 hours; milliseconds, to 1 %.",
        "p95 of processing_time_ms in [now − 24 h, now], from the whole minute on in which that begins",
        Unit.MS,
        "intent_analysis_complete",
        "intent_analysis_complete",
        "no analysis in the last 24 hours",
        period="the last 24 hours",
        who="all analyses",
    ),
    "system": Definition(
        "System",
        "The worst component now, and the share of the known time of 30 days that components were up.",
        "Σ seconds up / Σ seconds known over all components; a report speaks until the next one, 15 minutes at most; "
        "what was down is down until the next report (`JORGE_DOWN_UNTIL_REPORTED`)",
        Unit.SHARE,
        "system_health_update",
        "component_time, component_newest",
        "no component reports",
        period="now, and the last 30 days",
        who="components that ever reported",
    ),
    "bot": Definition(
        "Bot success rate",
        "What a bot got done in the last hour, of what it got done or failed at: its completed and error reports; the "
        "lead bot is judged by its steps, the decoder's successes are its analyses.",
        "good / (good + bad)",
        Unit.SHARE,
        "bot_status_update and each bot's own kind",
        "bot_status_update and each bot's own kind",
        "the bot finished nothing in the last hour",
        period="the last hour",
        who="each bot for itself",
    ),
    "freshness": Definition(
        "Freshness",
        "How long ago the newest event happened.",
        "now − newest time",
        Unit.SECONDS,
        "all kinds",
        "/api/dashboard/metrics",
        "no event was ever heard of",
        period="now",
        who="each source for itself",
    ),
}
