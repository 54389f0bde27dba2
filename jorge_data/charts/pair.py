"""Two series on one chart: where they differ by an order of magnitude, each with an axis of its own colour."""

from typing import Any

import pandas as pd
import plotly.graph_objects as go

from jorge_data.charts.marks import DATES, LEGEND, customdata, dates, hover_moment, new_figure, plain
from jorge_data.charts.palette import Palette

APART = 8
"""Where one series is so many times the other at its highest, each has an axis of its own; else they share one."""


def pair(frame: pd.DataFrame, colours: Palette, *, split: str, alike: bool = True) -> go.Figure:
    """Return lines of `value` over `t` for the two values of `split`; the second's own axis is the right one.

    Where they are not `alike`, as a share and a number are not, each has an axis of its own however high they are.
    """
    groups = [(str(name), each) for name, each in frame.groupby(split, sort=False)][:2]
    tops = [each["value"].abs().max() for _, each in groups]
    apart = len(tops) == 2 and (not alike or max(tops) > APART * min(tops))
    pens = (colours.accent, colours.warm)
    traces = [
        _line(each, name, pens[position], "y2" if position and apart else "y")
        for position, (name, each) in enumerate(groups)
    ]
    figure = new_figure(traces, colours, showlegend=True, legend=LEGEND)
    if apart:
        figure.update_layout(
            yaxis={"tickfont": {"color": pens[0]}, "rangemode": "tozero"},
            yaxis2={
                "overlaying": "y",
                "side": "right",
                "showgrid": False,
                "zeroline": False,
                "nticks": 4,
                "tickmode": "auto",  # in step with the other axis, as plotly has it, they are no round numbers
                "automargin": True,
                "rangemode": "tozero",
                "tickfont": {"color": pens[1], "size": 12},
            },
        )
    return figure.update_xaxes(tickformatstops=dates(), nticks=DATES)


def _line(frame: pd.DataFrame, name: str, pen: str, axis: str) -> Any:
    return go.Scatter(
        x=frame["t"],
        y=frame["value"],
        yaxis=axis,
        name=plain(name),
        mode="lines+markers",
        line={"color": pen, "width": 2},
        marker={"size": 5, "color": pen},
        customdata=customdata(frame),
        hovertemplate=f"%{{x|{hover_moment()}}}<br>%{{y:,.4~g}}<extra>{plain(name)}</extra>",
    )
