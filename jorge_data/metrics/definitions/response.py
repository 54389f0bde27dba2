"""The figures of Response: how long who turned hot waits until a person is heard, each time once."""

from jorge_data.metrics.definitions.definition import Definition
from jorge_data.metrics.formatting import Unit

SOURCE = "jorge_qualification_progress, conversation_event, attention_update, contact_update"
FACT = "human_touch"
PERIOD = "turned hot in the chosen period, counted by now"
WHO = "each time that a contact turns hot and waits for nobody already"
NOBODY = "nobody turned hot in the period"

FIGURES = {
    "half": Definition(
        "Half hear within",
        "By then half of those who turned hot had heard from a person: a call that was answered, or a text that a "
        "person wrote and that arrived. Who still waits is counted as waiting; bots do not count.",
        "Kaplan–Meier median of (a person first heard − turned hot); who still waits is censored at its age, who opted "
        "out of calls or texts before at that moment",
        Unit.SECONDS,
        SOURCE,
        FACT,
        "fewer than half have heard",
        period=PERIOD,
        who=WHO,
    ),
    "ninety": Definition(
        "Nine in ten hear within",
        "By then nine in ten of those who turned hot had heard from a person; who still waits is counted as waiting.",
        "Kaplan–Meier quantile 0.9 of (a person first heard − turned hot), censored as above",
        Unit.SECONDS,
        SOURCE,
        FACT,
        "fewer than nine in ten have heard",
        period=PERIOD,
        who=WHO,
    ),
    "soon": Definition(
        "Within 5 minutes, in office hours",
        "Share of those who turned hot in office hours who heard from a person within 5 minutes.",
        "1 − Kaplan–Meier share not yet heard at 5 minutes, office_hours = yes",
        Unit.SHARE,
        SOURCE,
        FACT,
        "nobody turned hot in office hours",
        period=PERIOD,
        who=f"{WHO}, in office hours",
    ),
    "later": Definition(
        "Within 15 minutes, in office hours",
        "Share of those who turned hot in office hours who heard from a person within 15 minutes.",
        "1 − Kaplan–Meier share not yet heard at 15 minutes, office_hours = yes",
        Unit.SHARE,
        SOURCE,
        FACT,
        "nobody turned hot in office hours",
        period=PERIOD,
        who=f"{WHO}, in office hours",
    ),
    "waiting": Definition(
        "Still waiting now",
        "Those who turned hot in the period whom no person has reached yet, and who may still be called.",
        "count of heard = waiting",
        Unit.COUNT,
        SOURCE,
        FACT,
        NOBODY,
        period=PERIOD,
        who=WHO,
    ),
    "by_agent": Definition(
        "By agent",
        "The same figures for the sellers of each agent: of who owned her when she was heard or owns her now, else of "
        "who was heard. Fewer than 12 are too few to rank.",
        "the quantiles and shares above, by agent",
        Unit.SECONDS,
        SOURCE,
        FACT,
        NOBODY,
        period=PERIOD,
        who=WHO,
    ),
    "by_source": Definition(
        "By source",
        "The same figures by where the seller came from, as the CRM says.",
        "the quantiles and shares above, by lead_source",
        Unit.SECONDS,
        SOURCE,
        FACT,
        NOBODY,
        period=PERIOD,
        who=WHO,
    ),
    "by_hour": Definition(
        "By hour of the week",
        "By when half had heard, by the day and the two hours in which they turned hot, by the office's clock.",
        "Kaplan–Meier median as above, by ⌊hour / 2⌋ of the office's week; of fewer than 3 none",
        Unit.SECONDS,
        SOURCE,
        FACT,
        NOBODY,
        period="turned hot in the 90 days to the period's end, or in the period where it is longer; counted by now",
        who=WHO,
    ),
    "by_week": Definition(
        "Week by week",
        "By when half of those who turned hot in a week had heard from a person.",
        "Kaplan–Meier median as above, by the office's week",
        Unit.SECONDS,
        SOURCE,
        FACT,
        NOBODY,
        period="turned hot in the 90 days to the period's end, or in the period where it is longer; counted by now",
        who=WHO,
    ),
    "bots": Definition(
        "First answers of bots",
        "How soon a bot answered a contact's first message of a conversation, where a bot was the first to answer. "
        "They count nowhere above.",
        "quantiles of (first answer − first message) by bot",
        Unit.SECONDS,
        "conversation_event",
        "bot_answer",
        "no bot was the first to answer",
        period="asked in the chosen period",
        who="conversations that a bot answered first",
    ),
}
