"""A reliability diagram: how often it was right, against how sure it was."""

import pandas as pd
import plotly.graph_objects as go

from jorge_data.charts.marks import customdata, error_bars, new_figure, share_axis
from jorge_data.charts.palette import Palette
from jorge_data.metrics.formatting import number, portion

MARGIN = 0.03


def reliability(frame: pd.DataFrame, colours: Palette) -> go.Figure:
    """Return points of `stated` and `right`, with the interval `low` to `high` and `n` of each bin."""
    left, bottom = float(frame["stated"].min()) - MARGIN, float(frame["low"].min()) - MARGIN
    diagonal = go.Scatter(
        x=[max(left, bottom), 1],
        y=[max(left, bottom), 1],
        mode="lines",
        line={"color": colours.mute, "width": 1, "dash": "dot"},
        hoverinfo="skip",
    )
    points = go.Scatter(
        x=frame["stated"],
        y=frame["right"],
        mode="markers+text",
        text=[f"of {number(n)}" for n in frame["n"]],
        textposition="bottom right",
        textfont={"color": colours.mute, "size": 11},
        marker={"size": 10, "color": colours.accent},
        error_y=error_bars(frame["low"], frame["right"], frame["high"], colours, thickness=1.2),
        customdata=customdata(frame),
        hovertext=[
            f"{portion(stated)} sure<br>{portion(right)} right"
            for stated, right in zip(frame["stated"], frame["right"], strict=True)
        ],
        hoverinfo="text",
    )
    figure = new_figure([diagonal, points], colours)
    figure.update_xaxes(**share_axis(left, 1), range=[left, 1 + MARGIN], title="how sure it was")
    figure.update_yaxes(**share_axis(bottom, 1), range=[bottom, 1 + MARGIN], title="how often it was right")
    return figure
