"""The rules that are built in, in the order in which they are shown."""

from jorge_data.events.timestamps import DAY, HOUR, MINUTE, QUARTER
from jorge_data.metrics.alerts.rule import AlertRule, Silence, Threshold, Waiting
from jorge_data.metrics.formatting import Unit, portion, write
from jorge_data.metrics.targets import Targets

HOT_WAIT, CALLBACK_WAIT, DOWN_WAIT = 5 * MINUTE, 15 * MINUTE, 2 * MINUTE
STANDS_STILL = 30 * DAY
SENT_SHARE = 0.8
"""Of the texts and e-mails of an hour so many should go out."""


def built_in(targets: Targets) -> tuple[AlertRule, ...]:
    """Return the built-in rules of an office; what it is measured against are its settings."""
    slow = write(targets.intent_target_ms, Unit.MS)
    return (
        AlertRule(
            "hot",
            "A hot seller waits",
            "A seller turned hot, and for 5 minutes in which the office was open nobody has tried to call or write.",
            Waiting("hot"),
            "critical",
            HOT_WAIT,
            office_hours=True,
        ),
        AlertRule(
            "callback",
            "Someone wants a call back",
            "Somebody asked to be called back, and for 15 minutes in which the office was open no person has answered.",
            Waiting("callback"),
            "critical",
            CALLBACK_WAIT,
            office_hours=True,
        ),
        AlertRule(
            "optout",
            "Written to after saying stop",
            "A bot wrote to, or called, somebody who had opted out of that.",
            Waiting("optout"),
            "critical",
        ),
        AlertRule(
            "sends",
            "Messages do not go out",
            f"Of the lead bot’s texts and e-mails of an hour, 5 at least, more than {portion(1 - SENT_SHARE)} failed.",
            Threshold(
                *("lead_bot_sequence_update", "success", "share", HOUR, SENT_SHARE, False, 5, "lead-bot"),
                where=(("action_type", ("sms_sent", "email_sent")),),
            ),
        ),
        AlertRule(
            "component",
            "A part is down",
            "A part of the system reported that it is down, and for 2 minutes not that it is up again.",
            Waiting("component"),
            "critical",
            DOWN_WAIT,
        ),
        AlertRule(
            "slow",
            "The intent decoder is slow",
            f"For half an hour more than 5 of 100 messages took the decoder longer than {slow}.",
            Threshold(
                "intent_analysis_complete",
                "processing_time_ms",
                "p95",
                QUARTER,
                targets.intent_target_ms,
                True,
                20,
                "intent-decoder",
            ),
            "normal",
            QUARTER,
        ),
        AlertRule(
            "unsure",
            "The intent decoder is unsure",
            f"For two hours the decoder was on average less than {portion(targets.confidence_target)} sure.",
            Threshold(
                "intent_analysis_complete",
                "confidence_score",
                "mean",
                HOUR,
                targets.confidence_target,
                False,
                20,
                "intent-decoder",
            ),
            "normal",
            HOUR,
        ),
        AlertRule(
            "silent_bot",
            "A bot is silent",
            "A bot sends nothing at hours of the week at which it usually works: 10 of its usual messages are missing.",
            Silence("bots"),
        ),
        AlertRule(
            "silent_source",
            "Nothing from a source",
            "A source such as the CRM sends nothing at hours at which it usually does: 10 of its messages are missing.",
            Silence("sources"),
        ),
        AlertRule(
            "nothing",
            "Nothing arrives at all",
            "No bot and no source sends anything, though something usually comes: most likely we hear nothing.",
            Silence("all"),
            "critical",
        ),
        AlertRule(
            "deal",
            "A deal stands still",
            "An open deal has been in the same stage for 30 days.",
            Waiting("deal"),
            "normal",
            STANDS_STILL,
            attended_within=7 * DAY,
        ),
    )
