"""The controls of Explore, and the request that they make."""

from dataclasses import dataclass

import pandas as pd
import streamlit as st

from jorge_data.dashboard.query.page_query import PageQuery
from jorge_data.dashboard.query.requests import SeriesRequest
from jorge_data.dashboard.ui.chart_card import largest
from jorge_data.metrics.entities.cube import CUBES, Cube
from jorge_data.metrics.statistics.period import STEPS

EVENTS = "events"
CONTACTS = "subject"
SHARES = frozenset({"within_target", "above_target", "stall_detected", "success", "stalled", "right", "hot"})
"""Fields that are true or false: their share is the only aggregation."""
AUTO, ALTOGETHER = "auto", "all"
EVERYTHING = "everything"
SHAPES = ("Lines", "Bars", "Ranking", "Table")


@dataclass(frozen=True)
class Exploration:
    """The chosen series and its chart; a query gives it its office and its period."""

    kind: str
    measure: str
    agg: str
    by: tuple[str, ...]
    where: tuple[str, ...]
    step: str
    shape: str

    def question(self, query: PageQuery) -> SeriesRequest:
        """Return the request for the period of a query."""
        step = query.step if self.step == AUTO else self.step
        step = ALTOGETHER if self.shape == "Ranking" else step
        return query.series(self.kind, self.measure, self.agg, self.by, self.where, step)

    @property
    def split(self) -> str:
        """Return the name of the column by which the frame is split."""
        return " · ".join(self.by)

    @property
    def heading(self) -> str:
        """Return the chart's title: the kind or the measure, and the aggregation."""
        return f"{self.kind}, {self.agg}" if self.measure == EVENTS else f"{self.measure}, {self.agg}"

    def drawn(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return the frame as its chart draws it: one column for the split; without time, ordered by size."""
        if len(self.by) > 1:
            frame = frame.assign(**{self.split: frame[list(self.by)].astype(str).agg(" · ".join, axis=1)})
        if self.over_time(frame):
            return frame
        ranked = frame if self.by else frame.assign(**{EVERYTHING: EVERYTHING})
        return largest(ranked, whole=self.agg in ("count", "sum"))

    def over_time(self, frame: pd.DataFrame) -> bool:
        """Return whether a frame has points in time."""
        return bool(frame["t"].notna().any())

    def words(self, query: PageQuery) -> str:
        """Write what is drawn: aggregation, measure, kind, split, filters, step and period."""
        what = self.kind if self.measure == EVENTS else f"{self.measure} of {self.kind}"
        parts = [f"{self.agg} of {what}", f"by {', '.join(self.by)}" if self.by else "", *self.where]
        step = self.question(query).step
        parts.append("altogether" if step == ALTOGETHER else f"in steps of {step}")
        return ", ".join(filter(None, [*parts, query.label]))


def aggregations(measure: str, cube: Cube) -> tuple[str, ...]:
    """Return the aggregations of a measure; facts that may be retracted have neither min nor max."""
    if measure == EVENTS:
        return ("count",)
    if measure == CONTACTS:
        return ("distinct",)
    bounds = () if cube.entity else ("min", "max")
    return ("share",) if measure in SHARES else ("mean", "p50", "p95", "p99", "sum", *bounds)


def measures(cube: Cube) -> tuple[str, ...]:
    """Return the measures of a kind: the facts themselves, their contacts, and their numbers."""
    numbers = (*cube.measures, *(dim for dim in cube.dims if dim in SHARES))
    return (EVENTS, *numbers) if cube.entity else (EVENTS, CONTACTS, *numbers)


def explore() -> Exploration:
    """Draw the controls, each bound to the link, and return what is chosen."""
    with st.container(border=True, key="exploration"), st.grid(4, min_column_width=160):
        kind = _pick("Kind", tuple(CUBES), "x_kind")
        cube = CUBES[kind]
        measure = _pick("Measure", measures(cube), "x_measure")
        agg = _pick("Aggregation", aggregations(measure, cube), "x_agg")
        step = _pick("Step", (AUTO, *STEPS, ALTOGETHER), "x_step")
        shape = _pick("Chart", SHAPES, "x_shape")
        by = st.multiselect("Split by", cube.dims, key="x_by", bind="query-params", max_selections=2)
        where = st.multiselect(
            "Filter",
            tuple(f"{dim}:eq:" for dim in cube.dims),
            key="x_where",
            bind="query-params",
            accept_new_options=True,
            placeholder="field:op:value",
            help="As field:op:value, where op is eq, ne, in, lt, le, gt or ge; as in source:eq:jorge-seller",
        )
    return Exploration(kind, measure, agg, tuple(by), tuple(where), step, shape)


def _pick(label: str, options: tuple[str, ...], key: str) -> str:
    return st.selectbox(label, options, key=key, bind="query-params")
