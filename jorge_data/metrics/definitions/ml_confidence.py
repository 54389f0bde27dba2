"""The figures of ML confidence."""

from jorge_data.metrics.definitions import questions
from jorge_data.metrics.definitions.definition import Definition
from jorge_data.metrics.formatting import Unit

EVENT = "intent_analysis_complete"
LABELLED = "intent_analysis_complete, intent_feedback"
UNLABELLED = "no labels yet"

BOT_EVENTS = ", ".join(questions.BOT_WORK)
BOTS_DID = (
    "bot events: qualifications, sequence steps, analyses, property alerts, what a bot is the author of in a "
    "conversation, and whatever else tells a cost"
)


def _cost(title: str, of: str, those: str, kinds: str, fact: str, absent: str) -> Definition:
    return Definition(
        title,
        f"What the bots cost in the period, US dollars as they told it, over {of}. Where the cost of some bot events "
        "is not known, it is at least so much.",
        f"Σ cost_usd of bot events / {those}; known of events with a cost_usd / bot events",
        Unit.COST,
        f"{BOT_EVENTS}{kinds}",
        f"{BOT_EVENTS}, {fact}",
        f"no bot told a cost, or {absent} in the period",
        who=BOTS_DID,
    )


FIGURES = {
    "latency": Definition(
        "Latency",
        "So many of 100 messages were read within this time, right to 1 %.",
        "p50, p95, p99 of processing_time_ms, nearest rank",
        Unit.MS,
        EVENT,
        EVENT,
    ),
    "within_target": Definition(
        "Within the target",
        "Share of messages that were read within the target.",
        "analyses with processing_time_ms ≤ target / analyses",
        Unit.SHARE,
        EVENT,
        EVENT,
    ),
    "confidence": Definition(
        "Average confidence",
        "How sure the decoder was of the period's messages, on average.",
        "Σ confidence_score / n",
        Unit.SHARE,
        EVENT,
        EVENT,
    ),
    "above_target": Definition(
        "Above the target",
        "Share of messages of which the decoder was surer than the target.",
        "analyses with confidence_score > target / analyses",
        Unit.SHARE,
        EVENT,
        EVENT,
    ),
    "confidence_spread": Definition(
        "Confidence, distribution",
        "How many analyses have a confidence in each twentieth.",
        "count by ⌊confidence / 0.05⌋ × 0.05; 1 counts to 0.95",
        Unit.COUNT,
        EVENT,
        "confidence_spread",
    ),
    "categories": Definition(
        "Categories and urgency",
        "What the decoder said, by category and by urgency.",
        "count of analyses by intent_category, urgency_level",
        Unit.COUNT,
        EVENT,
        EVENT,
    ),
    "features": Definition(
        "Signs of intent",
        "How often each sign was found, and how sure the decoder was of the messages with it, on average.",
        "count and Σ confidence_score / n by feature of ml_features_triggered",
        Unit.COUNT,
        EVENT,
        "intent_feature",
        "no sign was named in the period",
    ),
    "accuracy": Definition(
        "Accuracy",
        "Share of labelled analyses whose category was right, with how many are labelled and its 95 % interval.",
        "right / labelled; Wilson's score interval, z = 1.96",
        Unit.SHARE,
        LABELLED,
        "intent_label",
        UNLABELLED,
    ),
    "confusion": Definition(
        "Confusion",
        "Labelled analyses by what the decoder said and what a person said.",
        "count by predicted, actual",
        Unit.COUNT,
        LABELLED,
        "intent_label",
        UNLABELLED,
    ),
    "reliability": Definition(
        "Calibration",
        "In each twentieth of confidence: how often the labelled analyses were right, against their mean confidence.",
        "right / n against Σ confidence_score / n, by bin; Wilson's interval",
        Unit.SHARE,
        LABELLED,
        "intent_label",
        UNLABELLED,
    ),
    "ece": Definition(
        "Confidence is off by",
        "How far what the decoder says of its own sureness is from how often it is right, by people's labels: the "
        "expected calibration error, over twentieths of confidence.",
        "Σ n_b / n × |right_b / n_b − mean confidence_b|",
        Unit.SHARE,
        LABELLED,
        "intent_label",
        UNLABELLED,
    ),
    "drift": Definition(
        "Drift",
        "How far the confidence moved since the period before: below 0.1 stable, from 0.25 on changed.",
        "PSI = Σ (q − p) ln(q / p) over shares by bin; an empty bin counts as ½ a case; no verdict where two "
        "samples of these sizes without drift reach it, or 0.1, in more than 4 % (1,999 seeded permutations)",
        Unit.RATIO,
        EVENT,
        "confidence_spread",
        "no analysis in one of the two periods",
    ),
    "cost_per_conversation": _cost(
        "Cost per conversation",
        "the conversations in which a bot first took part in it",
        "conversations whose first event by a bot is in the period",
        "",
        "conversation_edge",
        "no bot began a conversation",
    ),
    "cost_per_hot": _cost(
        "Cost per hot seller",
        "the times that a seller turned hot in it",
        "moves of sellers to hot in the period",
        "",
        "seller_move",
        "no seller turned hot",
    ),
    "cost_per_appointment": _cost(
        "Cost per appointment",
        "the appointments first told of in it, each once; deleted ones are none",
        "appointments first told of in the period",
        "",
        "appointment",
        "no appointment was booked",
    ),
    "cost_per_deal": _cost(
        "Cost per won deal",
        "the deals won in it, by the day they closed",
        "deals with closed_at in the period and status won",
        ", commission_update",
        "deal_state",
        "no deal was won",
    ),
    "cost_by_script": Definition(
        "Cost by script",
        "What the bots told of their cost, US dollars, by bot, version of its script and kind of event.",
        "Σ cost_usd by source, script_version, kind",
        Unit.COST,
        BOT_EVENTS,
        BOT_EVENTS,
        "no bot told a cost in the period",
        who=BOTS_DID,
    ),
}
