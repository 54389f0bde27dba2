"""The questions behind the figures that stand on the wall and on a page: both ask these very ones of the history."""

from typing import Literal, NamedTuple

Aggregation = Literal["count", "sum", "mean", "min", "max", "p50", "p95", "p99", "share", "distinct", "bins"]


class Question(NamedTuple):
    """What a figure asks, in the words of `/api/series`; office, span and filters are the asker's."""

    kind: str
    measure: str = "events"
    agg: Aggregation = "count"
    where: tuple[str, ...] = ()


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
