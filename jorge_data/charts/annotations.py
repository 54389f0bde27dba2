"""What happened besides, on a chart of time: a campaign as a span, a deploy as a line, each with its words above it."""

from collections.abc import Sequence
from datetime import datetime, tzinfo
from itertools import pairwise
from operator import itemgetter
from typing import Any, NamedTuple

import pandas as pd
import plotly.graph_objects as go

from jorge_data.charts.marks import plain
from jorge_data.charts.palette import Palette

ACROSS = 44
"""A chart's width in letters, as narrow as it is on a phone: a mark's words have what is left until the next mark."""
FEWEST = 4
"""Where fewer letters fit, a mark has a sign alone; its words are read where one points at it."""
SIGN = "⚑"


class Annotation(NamedTuple):
    """A mark on charts of time: its words, when it begins, and when it ends where it is no single moment."""

    label: str
    start: datetime
    end: datetime | None = None


def time_zone(frame: pd.DataFrame, figure: go.Figure) -> tzinfo | None:
    """Return the zone in whose clock a chart's axis is; None where it is no chart of time."""
    axis = figure.layout.xaxis.type
    xs = (trace.x for trace in figure.data if getattr(trace, "x", None) is not None)
    if axis == "category" or not (axis == "date" or any(pd.api.types.is_datetime64_any_dtype(x) for x in xs)):
        return None
    zones = (column.dt.tz for _, column in frame.items() if isinstance(column.dtype, pd.DatetimeTZDtype))
    return next(zones, None)


def annotate(
    figure: go.Figure,
    marks: Sequence[Annotation],
    colours: Palette,
    zone: tzinfo,
    span: tuple[datetime, datetime],
) -> go.Figure:
    """Draw marks on a chart of a span whose axis is in this zone; those outside of it are left out."""
    first, last = (_clock(moment, zone) for moment in span)
    within = ((max(first, _clock(mark.start, zone)), mark) for mark in marks if is_within(mark, span))
    drawn = sorted(within, key=itemgetter(0))
    times = [at for at, _ in drawn]
    letters = [int(ACROSS * ((after - at) / (last - first))) for at, after in pairwise([*times, last])]
    # What happened just now has no room to its right: it shares that of the mark before it, or has all of it.
    is_turned = bool(letters) and letters[-1] <= FEWEST
    if is_turned and len(letters) > 1:
        letters[-2] = letters[-1] = letters[-2] // 2
    elif is_turned:
        letters[-1] = ACROSS - letters[-1]
    for position, ((at, mark), room) in enumerate(zip(drawn, letters, strict=True)):
        _draw(figure, mark, at, min(last, _clock(mark.end, zone)) if mark.end else None, colours)
        side = "right" if is_turned and position == len(drawn) - 1 else "left"
        _write(figure, mark, at, room, side, position, colours)
    return figure


def is_within(mark: Annotation, span: tuple[datetime, datetime]) -> bool:
    """Return whether something of a mark lies in a half-open span."""
    return mark.start < span[1] and (mark.end or mark.start) >= span[0]


def zoomable(figure: go.Figure, zone: tzinfo, span: object) -> go.Figure:
    """Let a drag along a chart of time choose its period: the page is told the zone of what was chosen.

    A chart of another `span` is shown whole, however the one before was dragged.
    """
    figure.update_layout(dragmode="zoom", meta={"zone": str(zone)}, uirevision=str(span))
    return figure.update_yaxes(fixedrange=True)


def _clock(moment: datetime, zone: tzinfo) -> datetime:
    return moment.astimezone(zone).replace(tzinfo=None)


def _draw(figure: go.Figure, mark: Annotation, at: datetime, end: datetime | None, colours: Palette) -> None:
    across: dict[str, Any] = {"xref": "x", "yref": "paper", "y0": 0, "y1": 1}
    if end is not None and end > at:
        figure.add_shape(
            type="rect", x0=at, x1=end, layer="below", line_width=0, fillcolor=colours.mute, opacity=0.14, **across
        )
    pen = {"color": colours.mute, "width": 1}
    figure.add_shape(type="line", x0=at, x1=at, line=pen, layer="above", **across)


def _write(
    figure: go.Figure, mark: Annotation, at: datetime, room: int, side: str, position: int, colours: Palette
) -> None:
    """Write a mark's words above the plot, as far as there is room; `side` is theirs that the mark is at."""
    words = mark.label if len(mark.label) <= room else f"{mark.label[: room - 1].rstrip()}…" if room > FEWEST else SIGN
    figure.add_annotation(
        name=f"mark {position}",
        x=at,
        y=1,
        xref="x",
        yref="paper",
        xanchor=side if room > FEWEST else "center",
        yanchor="bottom",
        text=plain(words),
        hovertext=plain(mark.label),
        showarrow=False,
        borderpad=0,
        font={"color": colours.mute, "size": 11},
    )
