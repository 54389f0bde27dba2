"""A status strip: a lane for each component, its states over time; where nobody reported, the lane is hatched."""

import pandas as pd
import plotly.graph_objects as go

from jorge_data.charts.marks import LEGEND, customdata, dates, hover_moment, named, new_figure, plain
from jorge_data.charts.palette import Palette, shade

LANE = 48
THICK, LEAST = 0.5, 0.18
"""How much of a lane its band takes, and the least share that a span is drawn with: less would not be seen."""

WORSE = ("unknown", "healthy", "degraded", "down")


def strip(frame: pd.DataFrame, colours: Palette, *, words: dict[str, str] | None = None) -> go.Figure:
    """Return a frame of `component`, `status`, `share`, `start` and `end` as lanes; `words` stand below a lane's name.

    A span is as high as its share of the lane, from its foot on, over those before it in the frame.
    """
    lanes = list(dict.fromkeys(frame["component"].astype(str)))
    statuses = frame["status"].astype(str).unique()
    # What is worse lies over what is better, of which a part of the lane is left.
    traces = [_spans(frame[frame["status"] == status], status, colours) for status in sorted(statuses, key=_order)]
    figure = new_figure(
        traces, colours, height=110 + LANE * len(lanes), barmode="overlay", showlegend=True, legend=LEGEND
    )
    figure.update_xaxes(type="date", nticks=3, tickformatstops=dates())
    labels = [named(lane, "component") for lane in lanes]
    texts = [f"{label}<br>{plain((words or {}).get(lane, ''))}" for label, lane in zip(labels, lanes, strict=True)]
    axis = {"type": "category", "categoryarray": labels[::-1], "tickvals": labels, "ticktext": texts}
    figure.update_yaxes(showgrid=False, ticksuffix="  ", nticks=len(lanes) + 1, **axis)
    return figure


def _order(status: str) -> int:
    return WORSE.index(status) if status in WORSE else len(WORSE)


def _spans(frame: pd.DataFrame, status: str, colours: Palette) -> go.Bar:
    milliseconds = (frame["end"] - frame["start"]).dt.total_seconds() * 1000
    hover = f"{named(status, 'status')} from %{{base|{hover_moment()}}} to %{{x|{hover_moment()}}}<extra>%{{y}}</extra>"
    # Hatched by the colour of words: of the ground's own shades the dark one is not seen.
    hatched = {"shape": "/", "fgcolor": colours.mute, "bgcolor": colours.track, "fillmode": "replace", "size": 6}
    return go.Bar(
        y=[named(name, "component") for name in frame["component"]],
        x=milliseconds,
        base=frame["start"],
        orientation="h",
        width=[THICK * max(share, LEAST) for share in frame["share"]],
        offset=-THICK / 2,
        name=named(status, "status"),
        marker={
            "color": shade(status, colours, "accent"),
            "pattern": hatched if status == "unknown" else {},
            "line": {"width": 0},
        },
        customdata=customdata(frame),
        hovertemplate=hover,
    )
