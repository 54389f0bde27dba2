"""Marks: what every chart gives each of its points, and text of events that plotly must not read as markup."""

from html import escape
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from jorge_data.charts.palette import Palette
from jorge_data.charts.template import template

DRILL = "drill"
"""The column of a frame that holds, for each mark, the question for what it is made of."""

LONGEST = 40
HEIGHT = 330
CLEAR = "rgba(0,0,0,0)"


def plain(text: object) -> str:
    """Return text of an event as text, which plotly would otherwise read as bold, links and line breaks."""
    words = str(text)
    cut = words if len(words) <= LONGEST else words[: LONGEST - 1] + "…"
    return escape(cut, quote=False) or "(none)"


def made_of(frame: pd.DataFrame) -> list[list[str]] | None:
    """Return what each mark is made of, as its customdata; None where the frame does not say."""
    return [[token] for token in frame[DRILL]] if DRILL in frame else None


def drawn(traces: list[Any], colours: Palette, height: int = HEIGHT, **layout: Any) -> go.Figure:
    """Return a figure in the one look, on the ground of the part that it stands in."""
    figure = go.Figure(traces)
    figure.update_layout(template=template(colours), height=height, paper_bgcolor=CLEAR, plot_bgcolor=CLEAR, **layout)
    figure.update_xaxes(tickangle=0, nticks=7)
    figure.update_traces(unselected={"marker": {"opacity": 1}}, selector=_can_be_selected)
    return figure


def hold_against(figure: go.Figure, target: float, words: str, colours: Palette) -> None:
    """Draw a target's line, with its words at its left end: the right one is for the names of lines."""
    line = {"color": colours.mute, "width": 1, "dash": "dot"}
    note = {"text": plain(words), "font": {"color": colours.mute, "size": 12}}
    figure.add_hline(y=target, line=line, annotation=note, annotation_position="top left")


DATES = [
    {"dtickrange": [None, 86_399_999], "value": "%H:%M\n%-d %b"},
    {"dtickrange": [86_400_000, "M1"], "value": "%-d %b"},
    {"dtickrange": ["M1", None], "value": "%b %Y"},
]
"""How an axis of moments writes them, short enough for a phone, by how far apart they are (milliseconds, months)."""

LEGEND = {"orientation": "h", "x": 0, "y": -0.2, "yanchor": "top", "traceorder": "normal", "font": {"size": 12}}
"""Where marks lie too close for labels of their own, their names stand below them, in as many lines as they need."""


def _can_be_selected(trace: Any) -> bool:
    return trace.type in ("bar", "scatter")
