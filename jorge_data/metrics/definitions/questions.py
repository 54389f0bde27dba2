"""The questions behind the figures that stand on the wall and on a page: both ask these very ones of the history."""

from typing import Literal, NamedTuple

Aggregation = Literal["count", "sum", "mean", "min", "max", "p50", "p95", "p99", "share", "distinct", "bins"]


class Question(NamedTuple):
    """What a figure asks, in the words of `/api/series`; office, span and filters are the asker's."""

    kind: str
    measure: str = "events"
    agg: Aggregation = "count"
    where: tuple[str, ...] = ()


BOT_WORK = (
    "jorge_qualification_progress",
    "lead_bot_sequence_update",
    "intent_analysis_complete",
    "property_alert",
    "conversation_event",
    "bot_status_update",
)
"""The kinds that tell what they cost."""
COSTS = {kind: Question(kind, "cost_usd", "sum") for kind in BOT_WORK}
BOT_EVENTS = {kind: Question(kind) for kind in BOT_WORK[:4]} | {
    "conversation_event": Question("conversation_event", where=("author:eq:bot",))
}
"""The events of bots: of a kind all, of conversations those that a bot is the author of; and what else tells a cost."""
FURTHER_COSTS = {
    "conversation_event": Question("conversation_event", "cost_usd", "count", ("author:ne:bot",)),
    "bot_status_update": Question("bot_status_update", "cost_usd", "count"),
}
WITH_BOTS = Question("conversation_edge", where=("edge:eq:bot",))
BOOKED = Question("appointment")
DEALS_WON = Question("deal_state", where=("status:eq:won",))

HOT = Question("contact_state", where=("temperature:eq:hot",))
SELLERS = Question("contact_state", where=("temperature:in:hot,warm,cold",))
TURNED_HOT = Question("seller_move", where=("to:eq:hot",))
WAITING = Question("contact_state", where=("waiting:eq:true",))

EDGES = Question("conversation_edge")
BEGUN = Question("conversation_edge", where=("edge:eq:first",))
OPTED_OUT = Question("conversation_edge", where=("edge:eq:opted_out",))
OVER = Question("conversation_edge", where=("edge:eq:last",))
"""Active in a span are those begun by its end, less those opted out by its end, less those over at its start."""

PIPELINE = Question("deal_state", "value", "sum", ("status:eq:open",))
COMMISSION = Question("deal_state", "commission", "sum", ("status:eq:open",))
WON = Question("deal_state", "commission", "sum", ("status:eq:won",))

STEPS_DONE = Question("lead_bot_sequence_update", where=("success:eq:true",))
STEP_SUCCESS = Question("lead_bot_sequence_update", "success", "share")
PROMISED = Question("sequence_due", where=("state:eq:open",))
"""Promises that are still open: due today where their day is the office's, overdue where it is over."""

LATENCY = Question("intent_analysis_complete", "processing_time_ms", "bins")
WITHIN_TARGET = Question("intent_analysis_complete", "within_target", "share")
CONFIDENCE = Question("intent_analysis_complete", "confidence_score", "mean")
ABOVE_TARGET = Question("intent_analysis_complete", "above_target", "share")
ACCURACY = Question("intent_label", "right", "share")

STATUS_TIME = Question("component_time", "duration_s", "sum")
NEWEST_REPORTS = Question("component_newest", "reported_s", "sum")

BOT_REPORTS = Question("bot_status_update")
BOT_STEP_TIME = Question("bot_status_update", "processing_time_ms", "p50")
QUALIFICATIONS = Question("jorge_qualification_progress")
STEPS = Question("lead_bot_sequence_update")
ANALYSES = Question("intent_analysis_complete")
