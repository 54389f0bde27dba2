"""The figures of the Command Center, which are of now and reduced from the live events."""

from jorge_data.metrics.definitions.definition import Definition
from jorge_data.metrics.formatting import Unit

LIVE = "live state"

FIGURES = {
    "needs": Definition(
        "Needs you",
        "What is open and waits for a person: components down, hot sellers no agent has spoken to, silent or failing "
        "bots, calls without an outcome, stalls, failed sends.",
        "count of open items not acknowledged or snoozed",
        Unit.COUNT,
        "all kinds",
        LIVE,
        "never: where nothing is open it says so",
    ),
    "hot": Definition(
        "Hot sellers",
        "Sellers whose latest qualification is hot, heard of in the last 30 days; today is the office's.",
        "count of contacts with latest seller_temperature = hot",
        Unit.COUNT,
        "jorge_qualification_progress",
        LIVE,
        "no seller in 30 days",
    ),
    "conversations": Definition(
        "Active conversations",
        "Conversations with an event in the last 24 hours that did not opt out; waiting: the contact spoke last.",
        "count of conversation_id with an event in (now − 24 h, now]",
        Unit.COUNT,
        "conversation_event",
        LIVE,
        "no conversation was ever heard of",
    ),
    "pipeline": Definition(
        "Commission in pipeline",
        "Our commission if every open deal were won at its present value, US dollars.",
        "Σ deal_value × newest rate over open deals, each rounded to cents",
        Unit.DOLLARS,
        "commission_update",
        LIVE,
        "no deal was ever heard of",
    ),
    "won": Definition(
        "Won this month",
        "Our commission on deals won in the office's month, US dollars, against the month's target.",
        "Σ deal_value × rate on the day of closing, over deals with closed_at in the month",
        Unit.DOLLARS,
        "commission_update",
        LIVE,
        "no deal was ever heard of",
    ),
    "sequences": Definition(
        "Sequence steps today",
        "3-7-30 steps that succeeded in the office's day, of those and the ones still due today.",
        "done today, of done today + contacts whose next step is due today",
        Unit.COUNT,
        "lead_bot_sequence_update, conversation_event",
        LIVE,
        "no sequence was ever heard of",
    ),
    "intent": Definition(
        "Intent decoder p95",
        "95 % of the analyses of the chosen window took no longer than this; milliseconds, to 1 %.",
        "p95 of processing_time_ms",
        Unit.MS,
        "intent_analysis_complete",
        LIVE,
        "no analysis in the window",
    ),
    "system": Definition(
        "System",
        "The worst component now, and the share of the known time of 30 days that components were up.",
        "up time / known time over all components",
        Unit.SHARE,
        "system_health_update",
        LIVE,
        "no component reports",
    ),
    "bot": Definition(
        "Bot success rate",
        "What a bot got done in the last hour, of what it got done or failed at: its completed and error reports; the "
        "lead bot is judged by its steps, the decoder's successes are its analyses.",
        "good / (good + bad)",
        Unit.SHARE,
        "bot_status_update and each bot's own kind",
        LIVE,
        "the bot finished nothing in the last hour",
    ),
    "freshness": Definition(
        "Freshness",
        "How long ago the newest event happened.",
        "now − newest time",
        Unit.SECONDS,
        "all kinds",
        LIVE,
        "no event was ever heard of",
    ),
}
