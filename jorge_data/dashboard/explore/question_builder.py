"""What an analyst has put together on Explore: the controls, and the question that they make."""

from dataclasses import dataclass
from typing import Any

import pandas as pd
import streamlit as st

from jorge_data.dashboard.query.page_query import PageQuery
from jorge_data.dashboard.query.requests import SeriesRequest
from jorge_data.dashboard.ui.ranking import largest
from jorge_data.metrics.entities.cube import CUBES, Cube
from jorge_data.metrics.statistics.period import STEPS

EVENTS = "events"
CONTACTS = "subject"
SHARES = frozenset({"within_target", "above_target", "stall_detected", "success", "stalled", "right", "hot"})
"""What is true or false: its share can be asked for, and nothing else."""
AUTO, ALTOGETHER = "auto", "all"
EVERYTHING = "everything"
SHAPES = ("Lines", "Bars", "Ranking", "Table")
KEYS = ("x_kind", "x_measure", "x_agg", "x_by", "x_where", "x_step", "x_shape", "range", "location", "compare")
"""What a saved view keeps: the names of its controls in the link."""


@dataclass(frozen=True)
class Exploration:
    """What is asked and how it is drawn; without a query it is of no time yet."""

    kind: str
    measure: str
    agg: str
    by: tuple[str, ...]
    where: tuple[str, ...]
    step: str
    shape: str

    def question(self, query: PageQuery) -> SeriesRequest:
        """Return the question for a page's span."""
        step = query.step if self.step == AUTO else self.step
        step = ALTOGETHER if self.shape == "Ranking" else step
        return query.series(self.kind, self.measure, self.agg, self.by, self.where, step)

    @property
    def split(self) -> str:
        """Return the name of the column that tells the parts of a split apart."""
        return " · ".join(self.by)

    @property
    def heading(self) -> str:
        """Return the plain name of what is drawn."""
        return f"{self.kind}, {self.agg}" if self.measure == EVENTS else f"{self.measure}, {self.agg}"

    def drawn(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return the answer as its chart draws it: one column for the split, and parts without time by size."""
        if len(self.by) > 1:
            frame = frame.assign(**{self.split: frame[list(self.by)].astype(str).agg(" · ".join, axis=1)})
        if self.over_time(frame):
            return frame
        return largest(frame if self.by else frame.assign(**{EVERYTHING: EVERYTHING}))

    def over_time(self, frame: pd.DataFrame) -> bool:
        """Say whether an answer goes along time."""
        return bool(frame["t"].notna().any())

    def words(self, query: PageQuery) -> str:
        """Say what is drawn: aggregation, measure, kind, split, filters, step and span."""
        what = self.kind if self.measure == EVENTS else f"{self.measure} of {self.kind}"
        parts = [f"{self.agg} of {what}", f"by {', '.join(self.by)}" if self.by else "", *self.where]
        step = self.question(query).step
        parts.append("altogether" if step == ALTOGETHER else f"in steps of {step}")
        return ", ".join(filter(None, [*parts, query.label]))


def aggregations(measure: str, cube: Cube) -> tuple[str, ...]:
    """Return what can be asked of a measure; facts that may be retracted keep no least and no most."""
    if measure == EVENTS:
        return ("count",)
    if measure == CONTACTS:
        return ("distinct",)
    bounds = () if cube.entity else ("min", "max")
    return ("share",) if measure in SHARES else ("mean", "p50", "p95", "p99", "sum", *bounds)


def measures(cube: Cube) -> tuple[str, ...]:
    """Return what can be measured of a kind: the facts themselves, their contacts, and their numbers."""
    numbers = (*cube.measures, *(dim for dim in cube.dims if dim in SHARES))
    return (EVENTS, *numbers) if cube.entity else (EVENTS, CONTACTS, *numbers)


def explore() -> Exploration:
    """Draw the controls, each kept in the link, and return what they say."""
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
            _suggestions(cube),
            key="x_where",
            bind="query-params",
            accept_new_options=True,
            placeholder="field:op:value",
            help="As field:op:value, where op is eq, ne, in, lt, le, gt or ge; as in source:eq:jorge-seller",
        )
    return Exploration(kind, measure, agg, tuple(by), tuple(where), step, shape)


def kept() -> dict[str, Any]:
    """Return what a link to this view says."""
    said = {name: st.session_state.get(name) for name in KEYS}
    return {name: value for name, value in said.items() if value not in (None, "", [], True)}


def _pick(label: str, options: tuple[str, ...], key: str) -> str:
    return st.selectbox(label, options, key=key, bind="query-params")


def _suggestions(cube: Cube) -> tuple[str, ...]:
    return tuple(f"{dim}:eq:" for dim in cube.dims)
