"""A survival curve: the share that has not arrived yet, by the time since the start."""

import pandas as pd
import plotly.graph_objects as go

from jorge_data.charts.marks import new_figure
from jorge_data.charts.palette import Palette


def survival(
    frame: pd.DataFrame, colours: Palette, *, unit: str, median: float | None = None, median_words: str = "median"
) -> go.Figure:
    """Return `share` over `time` as steps, with the band `low` to `high` where the frame has one."""
    traces = []
    if {"low", "high"} <= set(frame.columns):
        edge = {"mode": "lines", "line": {"width": 0, "shape": "hv"}, "hoverinfo": "skip"}
        traces.append(go.Scatter(x=frame["time"], y=frame["high"], **edge))
        traces.append(go.Scatter(x=frame["time"], y=frame["low"], fill="tonexty", fillcolor=colours.track, **edge))
    hover = f"after %{{x:,.1f}} {unit}<br>%{{y:.0%}} still under way<extra></extra>"
    line = {"color": colours.accent, "width": 2, "shape": "hv"}
    traces.append(go.Scatter(x=frame["time"], y=frame["share"], mode="lines", line=line, hovertemplate=hover))
    figure = new_figure(
        traces, colours, xaxis={"title": {"text": unit}}, yaxis={"tickformat": ".0%", "range": [0, 1.02]}
    )
    if median is not None:
        note = {"text": median_words, "font": {"color": colours.mute, "size": 12}}
        figure.add_vline(x=median, line={"color": colours.mute, "width": 1, "dash": "dot"}, annotation=note)
    return figure
