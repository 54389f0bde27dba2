"""Cohorts: what became of the contacts taken in each week."""

import pandas as pd

from jorge_data.metrics.analysis.flow import OUTCOMES
from jorge_data.metrics.analysis.period import Period, zoned


def cohorts(frame: pd.DataFrame, period: Period) -> pd.DataFrame:
    """Return one row a week of the period: t, a count for each outcome, and their sum `contacts`.

    Asked as kind=sequence_contact, agg=count, by=outcome, step=1w. A week without intake is a row of zeros.
    """
    weeks = period.column()
    if frame.empty:
        table = pd.DataFrame(0, index=pd.Index(weeks, name="t"), columns=list(OUTCOMES))
    else:
        known = frame.assign(t=zoned(frame["t"], period.zone))
        table = known.pivot_table(index="t", columns="outcome", values="value", aggfunc="sum", fill_value=0)
        table = table.reindex(index=pd.Index(weeks, name="t"), columns=list(OUTCOMES), fill_value=0).astype(int)
    return table.assign(contacts=table.sum(axis=1)).reset_index().rename_axis(columns=None)


def shares(table: pd.DataFrame) -> pd.DataFrame:
    """Return the same table with shares of the week's contacts, missing where the week had none."""
    contacts = table["contacts"].where(table["contacts"] > 0)
    return table.assign(**{outcome: table[outcome] / contacts for outcome in OUTCOMES})
