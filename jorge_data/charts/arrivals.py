"""How much happens: a bar a minute."""

import pandas as pd
import plotly.graph_objects as go

from jorge_data.charts.palette import Palette
from jorge_data.charts.template import headline, template

HEIGHT = 300
UNEVEN = 3
"""The busiest minute is the finding where it had so many times the median's events."""


def arrivals(frame: pd.DataFrame, colours: Palette) -> go.Figure:
    """Return the chart of a frame of `metrics.frames.arrivals` that is not empty."""
    bars = go.Bar(x=frame["minute"], y=frame["events"], marker_color=colours.accent)
    what = f"events, by the minute they happened in, the last {int(frame['events'].sum()):,} that this session holds"
    figure = go.Figure(bars)
    figure.update_layout(template=template(colours), height=HEIGHT, title=headline(_finding(frame), what, colours))
    figure.update_layout(paper_bgcolor="rgba(0,0,0,0)", plot_bgcolor="rgba(0,0,0,0)", xaxis_tickformat="%H:%M")
    return figure


def _finding(frame: pd.DataFrame) -> str:
    busiest = frame["events"].to_numpy().argmax()
    most, minute = int(frame["events"].iloc[busiest]), frame["minute"].dt.strftime("%H:%M").iloc[busiest]
    if len(frame) > 1 and most >= UNEVEN * max(1.0, frame["events"].median()):
        return f"Busiest at {minute}: {most:,} events in a minute"
    return "Events by minute"
