"""Lead sequences: does 3-7-30 run, and does it work?"""

from jorge_data.live.promise import coming

coming(
    "Does 3-7-30 run, and does it work?",
    "every step and action: due, done and how often it succeeded",
    "the way from day 3 over 7 and 30 to the outcome",
    "what is due and overdue, by day",
    "call durations, reasons for failure, and cohorts by intake week",
)
