"""Revenue: what will Jorge earn?"""

from jorge_data.live.promise import coming

coming(
    "What will Jorge earn?",
    "the pipeline and its commission, weighted by stage",
    "commission won by month against the target",
    "a forecast to the end of the month and the quarter, as a range",
    "the deals, with the age of each stage",
)
