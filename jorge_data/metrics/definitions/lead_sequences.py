"""The figures of Lead sequences."""

from jorge_data.metrics.definitions.definition import Definition
from jorge_data.metrics.definitions.shared import OVERDUE
from jorge_data.metrics.formatting import Unit

EVENT = "lead_bot_sequence_update"
STEPS_AND_RESPONSES = "lead_bot_sequence_update, conversation_event"
PROMISED = "no step was due in the period"
INTAKE = "nobody came in in the period"

FIGURES = {
    "steps": Definition(
        "Steps",
        "Attempts at a sequence step, by day of the sequence and by action.",
        "count of events by sequence_day, action_type",
        Unit.COUNT,
        EVENT,
        EVENT,
    ),
    "success": Definition(
        "Success rate",
        "Share of attempts that succeeded.",
        "events with success = true / events",
        Unit.SHARE,
        EVENT,
        EVENT,
    ),
    "due": Definition(
        "Steps due",
        "Steps that were promised for a day, each promise once. None is due by a channel that the "
        "contact had opted out of; which channel it is follows from the plan: day 3 SMS, 7 call, 14 e-mail, 30 SMS.",
        "count of promises by due day, without those that were made after opting out of the channel of the step "
        "nearest to that day",
        Unit.COUNT,
        EVENT,
        "sequence_due",
        PROMISED,
    ),
    "done": Definition(
        "Done in time",
        "Promises after which the next step came, or the contact answered, booked, or opted out of the channel of that "
        "step, by the end of the due day; late: after it. A step that failed keeps none, and STOP is no answer.",
        "count of promises with a later successful step, own message or call, booking, or opting out of its channel, "
        "by the end of the office's day",
        Unit.COUNT,
        STEPS_AND_RESPONSES,
        "sequence_due",
        PROMISED,
    ),
    "overdue": OVERDUE,
    "kept": Definition(
        "Promises kept",
        "Share of promises done in time, of those that are done or whose day is over.",
        "done / (done + late + overdue)",
        Unit.SHARE,
        STEPS_AND_RESPONSES,
        "sequence_due",
        "no promise is settled yet",
    ),
    "outcome": Definition(
        "Outcome",
        "What became of the contacts who came in in the period; the first that holds of appointment, opted out (of any "
        "channel, and not in again), replied, finished (day 30 done), in progress.",
        "count of contacts by outcome; share = / contacts taken",
        Unit.COUNT,
        STEPS_AND_RESPONSES,
        "sequence_contact",
        INTAKE,
    ),
    "flow": Definition(
        "Flow",
        "How many contacts went from one day of the sequence to the next one, and from their last day to the outcome.",
        "count of links between successive days, by from and to",
        Unit.COUNT,
        STEPS_AND_RESPONSES,
        "sequence_flow",
        INTAKE,
    ),
    "cohorts": Definition(
        "Cohorts",
        "The contacts taken in each week of the office, by what became of them by now.",
        "count of contacts by week of intake and outcome",
        Unit.COUNT,
        STEPS_AND_RESPONSES,
        "sequence_contact",
        INTAKE,
    ),
    "calls": Definition(
        "Call duration",
        "Half of the period's calls lasted no longer than this, right to 1 %.",
        "p50 of retell_call_duration_seconds",
        Unit.SECONDS,
        EVENT,
        EVENT,
        "no call with a duration in the period",
    ),
    "failures": Definition(
        "Failure reasons",
        "Why attempts failed, as the bot said.",
        "count of events with success = false, by failure_reason",
        Unit.COUNT,
        EVENT,
        EVENT,
        "no attempt failed in the period",
    ),
}
