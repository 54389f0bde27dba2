"""The figures of Revenue; money is added as whole cents."""

from jorge_data.metrics.definitions.definition import Definition
from jorge_data.metrics.formatting import Unit

EVENT = "commission_update"
UNKNOWN = "no deal was ever heard of"

FIGURES = {
    "pipeline": Definition(
        "Pipeline",
        "What the open deals are worth at their newest value.",
        "Σ deal_value over open deals",
        Unit.DOLLARS,
        EVENT,
        "deal_state",
        UNKNOWN,
    ),
    "commission": Definition(
        "Commission in pipeline",
        "Our commission if every open deal were won at its newest value.",
        "Σ deal_value × newest rate over open deals, each rounded to cents",
        Unit.DOLLARS,
        EVENT,
        "deal_state",
        UNKNOWN,
    ),
    "weighted": Definition(
        "Weighted commission",
        "Our commission on open deals, each times how likely it is to be won: as the deal says, else by its stage; a "
        "deal of neither is left out and counted beside.",
        "Σ commission × probability over open deals, each rounded to cents",
        Unit.DOLLARS,
        EVENT,
        "deal_state",
        "no open deal has a probability",
    ),
    "won": Definition(
        "Commission won",
        "Our commission on the deals won in the period, by the day they closed.",
        "Σ deal_value × rate on the day of closing over deals won",
        Unit.DOLLARS,
        EVENT,
        "deal_state",
        UNKNOWN,
    ),
    "progress": Definition(
        "Against the target",
        "Commission won in the office's month as a share of the month's target (JORGE_MONTHLY_TARGET).",
        "won / target",
        Unit.SHARE,
        EVENT,
        "deal_state",
        UNKNOWN,
    ),
    "forecast": Definition(
        "Forecast",
        "Commission by the end of the month or quarter: in one run of ten below P10, in one of ten above P90. "
        "Open deals count that should close by then, are late, or name no day.",
        "won so far + Σ won open deals in 10,000 simulated runs, each deal by its probability, independently; seed 7",
        Unit.DOLLARS,
        EVENT,
        "deals",
        UNKNOWN,
    ),
    "forecast_weighted": Definition(
        "Forecast, weighted sum",
        "Commission won so far and what the open deals that count bring on the mean.",
        "won so far + Σ commission × probability",
        Unit.DOLLARS,
        EVENT,
        "deals",
        UNKNOWN,
    ),
    "coverage": Definition(
        "Coverage",
        "In how many past months the result lay between the P10 and P90 forecast on the month's first morning; 80 % "
        "would be right.",
        "months with P10 ≤ won ≤ P90 / months; Wilson's interval",
        Unit.SHARE,
        EVENT,
        EVENT,
        "no past month began with a known deal",
    ),
    "velocity": Definition(
        "Time in stage",
        "By then half of the deals had left the stage; those still there are counted by how long they have been.",
        "Kaplan–Meier median of stays, open stays censored at their age; 95 % interval by log(−log)",
        Unit.SECONDS,
        EVENT,
        "deal_stage",
        "fewer than half have left it",
    ),
    "win_rate": Definition(
        "Win rate",
        "Share of the deals closed in the period that were won; by source where split.",
        "won / (won + lost + abandoned)",
        Unit.SHARE,
        EVENT,
        "deal_state",
        "no deal closed in the period",
    ),
    "stage_age": Definition(
        "Age of stage",
        "How long an open deal has been at its stage.",
        "now − stage_since",
        Unit.SECONDS,
        EVENT,
        "deals",
        "the deal is closed",
    ),
}
