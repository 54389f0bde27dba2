"""The figures of Revenue; money is added as whole cents."""

from jorge_data.metrics.definitions.definition import Definition
from jorge_data.metrics.definitions.shared import COMMISSION
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
    "commission": COMMISSION,
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
        "Commission won in the office's month as a share of the month's target.",
        "won / target",
        Unit.SHARE,
        EVENT,
        "deal_state",
        UNKNOWN,
    ),
    "forecast": Definition(
        "Forecast",
        "Commission by the end of the month or quarter: at most one run of ten ends below the range, at most one above "
        "it. Each open deal counts by its chance to be won by then, whatever close it expects, or none. Left "
        "out and counted beside: deals without a probability, deals of a stage from which fewer than 3 were won, and "
        "deals that are yet to come.",
        "won so far + Σ won open deals in 10,000 simulated runs, seed 7; chance = probability × share of the wins that "
        "came within the days left, of the office's deals that were still at the stage at this age (Aalen–Johansen: "
        "open by Kaplan–Meier × won of those at risk), its error in the runs, that of one win more",
        Unit.DOLLARS,
        EVENT,
        "deals",
        f"{UNKNOWN}, or every open deal is left out",
    ),
    "forecast_weighted": Definition(
        "Forecast, weighted sum",
        "Commission won so far and what the open deals that count bring by then on the mean.",
        "won so far + Σ commission × chance to be won by then, each rounded to cents",
        Unit.DOLLARS,
        EVENT,
        "deals",
        f"{UNKNOWN}, or every open deal is left out",
    ),
    "coverage": Definition(
        "Coverage",
        "In how many of the past 24 months what is known today of the month lay in the range of the forecast "
        "that its first morning would have given, of what was known then. 80 % are promised, and more where deals are "
        "few; whether the promise held is judged only where wrong ranges would have been found out.",
        "months with P10 ≤ won ≤ P90 / months; Wilson's interval; exact test against 80 % (level 5 %), judged "
        "where ranges that miss 2.5 times as often as promised are found out in 80 % of cases",
        Unit.SHARE,
        EVENT,
        EVENT,
        "no past month could be forecast",
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
