"""A status strip: a lane for each component, its states over time; where nobody reported, the lane is hatched."""

import pandas as pd
import plotly.graph_objects as go

from jorge_data.charts.marks import LEGEND, customdata, dates, hover_moment, named, new_figure, plain
from jorge_data.charts.palette import Palette, shades

LANE = 48


def strip(frame: pd.DataFrame, colours: Palette, *, words: dict[str, str] | None = None) -> go.Figure:
    """Return a frame of `component`, `status`, `start` and `end` as lanes; `words` stand below a lane's name."""
    lanes = list(dict.fromkeys(frame["component"].astype(str)))
    pens = shades(frame["status"].astype(str).unique(), colours)
    traces = [_spans(frame[frame["status"] == status], str(status), pens[str(status)]) for status in pens]
    figure = new_figure(
        traces, colours, height=110 + LANE * len(lanes), barmode="overlay", showlegend=True, legend=LEGEND
    )
    figure.update_xaxes(type="date", nticks=3, tickformatstops=dates())
    labels = [named(lane, "component") for lane in lanes]
    texts = [f"{label}<br>{plain((words or {}).get(lane, ''))}" for label, lane in zip(labels, lanes, strict=True)]
    axis = {"type": "category", "categoryarray": labels[::-1], "tickvals": labels, "ticktext": texts}
    figure.update_yaxes(showgrid=False, ticksuffix="  ", nticks=len(lanes) + 1, **axis)
    return figure


def _spans(frame: pd.DataFrame, status: str, pen: str) -> go.Bar:
    milliseconds = (frame["end"] - frame["start"]).dt.total_seconds() * 1000
    hover = f"{named(status, 'status')} from %{{base|{hover_moment()}}} to %{{x|{hover_moment()}}}<extra>%{{y}}</extra>"
    return go.Bar(
        y=[named(name, "component") for name in frame["component"]],
        x=milliseconds,
        base=frame["start"],
        orientation="h",
        width=0.5,
        name=named(status, "status"),
        marker={"color": pen, "pattern": {"shape": "/" if status == "unknown" else ""}, "line": {"width": 0}},
        customdata=customdata(frame),
        hovertemplate=hover,
    )
