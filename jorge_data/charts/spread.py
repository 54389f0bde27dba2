"""A spread: bars of actual values, with the median and the range of a forecast beside them."""

import pandas as pd
import plotly.graph_objects as go

from jorge_data.charts.marks import customdata, draw_target, error_bars, new_figure, plain
from jorge_data.charts.palette import Palette, pale

WORDS_OF_HEIGHT = 0.1
"""How much of the chart's height the words above a bar take, with their distance from it."""


def spread(frame: pd.DataFrame, colours: Palette, *, x: str, target: float | None = None) -> go.Figure:
    """Return `value` as bars over `x`, labelled with the column `words`.

    A row with `p10`, `p50` and `p90` gets a range, and its bar is pale. What the target's line is, the subtitle says:
    beside it stand the words of the bars.
    """
    forecast = frame["p50"].notna()
    bars = go.Bar(
        x=[plain(value) for value in frame[x]],
        y=frame["value"],
        # Not by opacities: those are the same for all bars once one is selected.
        marker_color=[pale(colours.accent) if each else colours.accent for each in forecast],
        text=_lifted(frame, target),
        # A range would cross words above its bar.
        textposition=[
            "inside" if each and value else "outside" for each, value in zip(forecast, frame["value"], strict=True)
        ],
        insidetextanchor="start",
        textangle=0,
        constraintext="none",
        textfont={"color": colours.text},
        # Plotly reads both of a selected bar, and makes them up for some bars only.
        selected={"textfont": {"color": colours.text}},
        unselected={"textfont": {"color": colours.text}},
        cliponaxis=False,
        customdata=customdata(frame),
        hoverinfo="none",
    )
    traces = [bars, _range(frame[forecast], x, colours)]
    figure = new_figure(traces, colours, xaxis={"type": "category"}, yaxis={"showgrid": False, "visible": False})
    if target is not None:
        draw_target(figure, target, "", colours)
    return figure


def _lifted(frame: pd.DataFrame, target: float | None) -> list[str]:
    """Return the words of the bars, a line higher where the target's line would run through them."""
    if target is None:
        return list(frame["words"])
    room = WORDS_OF_HEIGHT * max(frame[["value", "p90"]].max().max(), target)
    values = zip(frame["words"], frame["value"], strict=True)
    return [f"{words}<br>\u00a0" if value < target < value + room else words for words, value in values]


def _range(frame: pd.DataFrame, x: str, colours: Palette) -> go.Scatter:
    return go.Scatter(
        x=[plain(value) for value in frame[x]],
        y=frame["p50"],
        mode="markers",
        marker={"symbol": "line-ew-open", "size": 26, "color": colours.text, "line": {"width": 2}},
        error_y=error_bars(frame["p10"], frame["p50"], frame["p90"], colours, thickness=1.5),
        customdata=customdata(frame),
        hovertemplate="best guess %{y:,.0f}<extra></extra>",
    )
