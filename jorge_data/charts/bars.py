"""Bars: vertical ones over time or bins, stacked by a split; horizontal ones for a ranking."""

from typing import Any

import pandas as pd
import plotly.graph_objects as go

from jorge_data.charts.marks import HEIGHT, LEGEND, LONGEST, customdata, dates, named, new_figure, plain
from jorge_data.charts.palette import Palette, shades
from jorge_data.metrics.formatting import number

ROW = 34
"""Height in pixels of a horizontal bar with its gap."""

LETTERS = 44
"""A phone's width in letters: a bar has what its label and the words beside it leave of them."""


def bars(
    frame: pd.DataFrame,
    colours: Palette,
    *,
    x: str = "t",
    split: str = "",
    order: tuple[str, ...] = (),
    before: pd.DataFrame | None = None,
) -> go.Figure:
    """Return bars of `value` over the column `x`, stacked by `split`; the period before is a grey outline."""
    traces: list[Any] = []
    if split:
        names = [*order, *(name for name in frame[split].unique() if name not in order)]
        pens = shades(map(str, names), colours)
        groups = [(str(name), frame[frame[split] == name]) for name in names]
        traces += [_bar(each, x, named(name, split), pens[name]) for name, each in groups if not each.empty]
    else:
        traces.append(_bar(frame, x, "", colours.accent))
    if before is not None and not before.empty and not split:
        traces.append(_outline(before, x, colours))
    axis = {"tickformatstops": dates()} if x == "t" else {"type": "category", "dtick": 1}
    return new_figure(traces, colours, barmode="stack", showlegend=bool(split), legend=LEGEND).update_xaxes(axis)


def ranking(frame: pd.DataFrame, colours: Palette, *, label: str, meaning: bool = False, marked: str = "") -> go.Figure:
    """Return horizontal bars in the order of the frame; `meaning` gives each label the colour of what it means.

    Beside each bar stands the frame's column `words`, where it has one, else its value. `marked` is the one label that
    the headline is about: it alone is drawn in the warning colour.
    """
    names = [str(name) for name in frame[label]]
    pens = shades(names, colours) if meaning else dict.fromkeys(names, colours.accent)
    if marked in pens:
        pens[marked] = colours.hot
    words = [plain(each) for each in frame["words"]] if "words" in frame else [number(n) for n in frame["value"]]
    bar = go.Bar(
        y=[named(name, label) for name in names],
        x=frame["value"],
        orientation="h",
        marker_color=[pens[name] for name in names],
        text=[f" {each}" for each in words],
        textposition="outside",
        cliponaxis=False,
        customdata=customdata(frame),
        hoverinfo="none",
    )
    widest = max(frame["value"].max(), 0) or 1
    return new_figure(
        [bar],
        colours,
        height=max(HEIGHT, 90 + ROW * len(frame)),
        xaxis={"visible": False, "range": [0, _room(names, words) * widest]},
        yaxis={"showgrid": False, "autorange": "reversed", "type": "category", "dtick": 1, "ticksuffix": "  "},
    )


def _room(labels: list[str], words: list[str]) -> float:
    """Return the length of the axis, in lengths of the longest bar, at which the words fit beside it on a phone."""
    longest, beside = (max((len(each) for each in texts), default=0) for texts in (labels, words))
    across = max(LETTERS - min(LONGEST, longest), beside + 6)
    return across / (across - beside - 2)


def _bar(frame: pd.DataFrame, x: str, words: str, pen: str) -> Any:
    return go.Bar(
        x=_positions(frame, x),
        y=frame["value"],
        name=words,
        marker_color=pen,
        customdata=customdata(frame),
        hovertemplate=f"%{{x}}<br>%{{y:,}}<extra>{words}</extra>",
    )


def _outline(frame: pd.DataFrame, x: str, colours: Palette) -> Any:
    return go.Scatter(
        x=_positions(frame, x),
        y=frame["value"],
        mode="lines",
        line={"color": colours.mute, "width": 1.2, "shape": "hvh"},
        hoverinfo="skip",
        name="the period before",
        opacity=0.7,
    )


def _positions(frame: pd.DataFrame, x: str) -> Any:
    return frame[x] if x == "t" else [named(value, x) for value in frame[x]]
