"""A status strip: a lane for each component, its states over time; where nobody reported, the lane is hatched."""

import pandas as pd
import plotly.graph_objects as go

from jorge_data.charts.marks import DATES, LEGEND, drawn, made_of, plain
from jorge_data.charts.palette import Palette, shades

LANE = 48


def strip(frame: pd.DataFrame, colours: Palette, *, words: dict[str, str] | None = None) -> go.Figure:
    """Return a frame of `component`, `status`, `start` and `end` as lanes; `words` stand below a lane's name."""
    lanes = list(dict.fromkeys(frame["component"].astype(str)))
    pens = shades(frame["status"].astype(str).unique(), colours)
    traces = [_spans(frame[frame["status"] == status], str(status), pens[str(status)]) for status in pens]
    figure = drawn(traces, colours, height=110 + LANE * len(lanes), barmode="overlay", showlegend=True, legend=LEGEND)
    figure.update_xaxes(type="date", nticks=3, tickformatstops=DATES)
    places = [plain(lane) for lane in lanes]
    names = [f"{place}<br>{plain((words or {}).get(lane, ''))}" for place, lane in zip(places, lanes, strict=True)]
    axis = {"type": "category", "categoryarray": places[::-1], "tickvals": places, "ticktext": names}
    figure.update_yaxes(showgrid=False, ticksuffix="  ", nticks=len(lanes) + 1, **axis)
    return figure


def _spans(frame: pd.DataFrame, status: str, pen: str) -> go.Bar:
    lasting = (frame["end"] - frame["start"]).dt.total_seconds() * 1000
    said = f"{plain(status)} from %{{base|%d %b %H:%M}} to %{{x|%d %b %H:%M}}<extra>%{{y}}</extra>"
    return go.Bar(
        y=[plain(name) for name in frame["component"]],
        x=lasting,
        base=frame["start"],
        orientation="h",
        width=0.5,
        name=plain(status),
        marker={"color": pen, "pattern": {"shape": "/" if status == "unknown" else ""}, "line": {"width": 0}},
        customdata=made_of(frame),
        hovertemplate=said,
    )
