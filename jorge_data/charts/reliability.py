"""A reliability diagram: how often it was right, against how sure it was."""

import pandas as pd
import plotly.graph_objects as go

from jorge_data.charts.marks import drawn, made_of
from jorge_data.charts.palette import Palette


def reliability(frame: pd.DataFrame, colours: Palette) -> go.Figure:
    """Return points of `stated` and `right`, with the interval `low` to `high` and `n` of each bin."""
    least = min(0.5, float(frame["stated"].min()), float(frame["low"].min()))
    honest = go.Scatter(
        x=[least, 1],
        y=[least, 1],
        mode="lines",
        line={"color": colours.mute, "width": 1, "dash": "dot"},
        hoverinfo="skip",
    )
    error = {
        "type": "data",
        "symmetric": False,
        "array": frame["high"] - frame["right"],
        "arrayminus": frame["right"] - frame["low"],
        "color": colours.mute,
        "thickness": 1.2,
        "width": 0,
    }
    points = go.Scatter(
        x=frame["stated"],
        y=frame["right"],
        mode="markers+text",
        text=[f"n {n:,}" for n in frame["n"]],
        textposition="bottom right",
        textfont={"color": colours.mute, "size": 11},
        marker={"size": 10, "color": colours.accent},
        error_y=error,
        customdata=made_of(frame),
        hovertemplate="stated %{x:.0%}<br>right %{y:.1%}<extra></extra>",
    )
    axes = {"tickformat": ".0%", "range": [least, 1.04]}
    titles = {"text": "confidence stated"}, {"text": "share right"}
    return drawn([honest, points], colours, 360, xaxis={**axes, "title": titles[0]}, yaxis={**axes, "title": titles[1]})
