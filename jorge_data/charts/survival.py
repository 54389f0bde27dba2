"""A survival curve: the share that has not arrived yet, by the time since the start."""

import pandas as pd
import plotly.graph_objects as go

from jorge_data.charts.marks import new_figure, share_axis
from jorge_data.charts.palette import Palette
from jorge_data.metrics.formatting import portion


def survival(
    frame: pd.DataFrame, colours: Palette, *, unit: str, median: float | None = None, median_words: str = "median"
) -> go.Figure:
    """Return `share` over `time` as steps, with the band `low` to `high` where the frame has one."""
    traces = []
    if {"low", "high"} <= set(frame.columns):
        edge = {"mode": "lines", "line": {"width": 0, "shape": "hv"}, "hoverinfo": "skip"}
        traces.append(go.Scatter(x=frame["time"], y=frame["high"], **edge))
        traces.append(go.Scatter(x=frame["time"], y=frame["low"], fill="tonexty", fillcolor=colours.track, **edge))
    hover = f"after %{{x:,.1f}} {unit}<br>%{{text}} still under way<extra></extra>"
    line = {"color": colours.accent, "width": 2, "shape": "hv"}
    words = [portion(share) for share in frame["share"]]
    traces.append(
        go.Scatter(x=frame["time"], y=frame["share"], text=words, mode="lines", line=line, hovertemplate=hover)
    )
    figure = new_figure(
        traces, colours, xaxis={"title": {"text": unit}}, yaxis={**share_axis(0, 1), "range": [0, 1.02]}
    )
    if median is not None:
        note = {"text": median_words, "font": {"color": colours.mute, "size": 12}}
        figure.add_vline(x=median, line={"color": colours.mute, "width": 1, "dash": "dot"}, annotation=note)
    return figure
