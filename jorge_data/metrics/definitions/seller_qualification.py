"""The figures of Seller qualification; a contact counts once, not each of its events."""

from jorge_data.metrics.definitions.definition import Definition
from jorge_data.metrics.definitions.shared import HOT
from jorge_data.metrics.formatting import Unit

EVENT = "jorge_qualification_progress"
NOBODY = "no seller began in the period"

FIGURES = {
    "started": Definition(
        "Sellers started",
        "Contacts whose first qualification event is in the period.",
        "count of contacts",
        Unit.COUNT,
        EVENT,
        "seller_cohort",
        NOBODY,
        who="contacts, each once",
    ),
    "funnel": Definition(
        "Reached",
        "Of the sellers who started in the period, those who have answered at least so many questions by now; the last "
        "stage counts those who answered all four and were hot at some time.",
        "contacts with max(questions_answered) ≥ k; share of start = / started",
        Unit.COUNT,
        EVENT,
        "seller_cohort",
        NOBODY,
        period="taken in the chosen period, counted by now",
        who="contacts, each once",
    ),
    "step_time": Definition(
        "Median time of a step",
        "By then half of the sellers had done the step; those still at it are counted by how long they have been.",
        "Kaplan–Meier median of (done − entered), open steps censored at their age; 95 % interval by log(−log)",
        Unit.SECONDS,
        EVENT,
        "seller_step",
        "fewer than half have done it",
        period="begun in the chosen period, counted by now",
        who="contacts at the step, each once",
    ),
    "time_to_hot": Definition(
        "Time to hot",
        "By then half of the sellers were hot; those not hot yet are counted by how long they have been known.",
        "Kaplan–Meier median of (first hot − first event), step hot",
        Unit.SECONDS,
        EVENT,
        "seller_step",
        "fewer than half ever were hot",
        period="first qualified in the chosen period, counted by now",
        who="contacts, each once",
    ),
    "hot_share": Definition(
        "Became hot",
        "Share of the sellers who started in the period that were hot at some time.",
        "contacts with hot = yes / started",
        Unit.SHARE,
        EVENT,
        "seller_cohort",
        NOBODY,
        period="taken in the chosen period, counted by now",
        who="contacts, each once",
    ),
    "hot": HOT,
    "speed_to_lead": Definition(
        "Speed to lead",
        "By then a person had tried to reach half, or nine in ten, of those who turned hot, by a message "
        "or a call; who still waits is counted by how long he has been waiting. Response says when they heard.",
        "Kaplan–Meier quantiles of (first event by an agent, or call that a person told of − turned hot), each time "
        "that a contact turns hot and waits for nobody already; whom nobody has tried to reach is censored at its age",
        Unit.SECONDS,
        "jorge_qualification_progress, conversation_event, attention_update",
        "human_touch",
        "nobody has tried to reach so many",
        period="turned hot in the chosen period, counted by now",
        who="each time that a contact turns hot",
    ),
    "stock": Definition(
        "Rated hot (silent ones too)",
        "How many sellers stood at a temperature by their last rating at the end of each day, however long they have "
        "been silent since.",
        "Σ moves to − Σ moves from, over all moves up to then",
        Unit.COUNT,
        EVENT,
        "seller_move",
        "no seller was ever heard of",
        period="the end of each step",
        who="contacts with a qualification",
    ),
    "moves": Definition(
        "Changes of temperature",
        "Changes of a seller's temperature in the period, from and to.",
        "count of changes between successive events of a contact",
        Unit.COUNT,
        EVENT,
        "seller_move",
        "no temperature changed in the period",
    ),
    "effectiveness": Definition(
        "Effectiveness",
        "Mean confrontational effectiveness (0–100) of the period's qualification events.",
        "Σ confrontational_effectiveness / n",
        Unit.SCORE,
        EVENT,
        EVENT,
    ),
    "effectiveness_spread": Definition(
        "Effectiveness, distribution",
        "How many events have an effectiveness in each ten points; by question where split.",
        "count by ⌊effectiveness / 10⌋ × 10; 100 counts to 90",
        Unit.COUNT,
        EVENT,
        "effectiveness_spread",
    ),
    "stall_rate": Definition(
        "Stall rate",
        "Share of sellers who stalled at a question, of those who stood at it.",
        "contacts with stalled = yes / contacts, at the question",
        Unit.SHARE,
        EVENT,
        "seller_stall",
        "no seller stood at the question",
        who="contacts at a question, each once",
    ),
    "stall_types": Definition(
        "Stalls by type",
        "The type of the first stall of a seller at a question.",
        "count of contacts with stalled = yes, by stall_type",
        Unit.COUNT,
        EVENT,
        "seller_stall",
        "no seller stalled",
    ),
}
