"""Lines over time: each with its name at its end, the target dotted, the period before in grey."""

import math
from html import unescape
from itertools import cycle
from typing import Any, NamedTuple

import pandas as pd
import plotly.graph_objects as go

from jorge_data.charts.marks import (
    DATES,
    customdata,
    dates,
    draw_target,
    hover_moment,
    named,
    new_figure,
    share_axis,
    tens_of_milliseconds,
)
from jorge_data.charts.palette import Palette
from jorge_data.metrics.formatting import Unit, amount, write

LEAST = 0.01
"""Nothing smaller is placed on a logarithmic axis."""

PLOT, LETTERS, LETTER = 215, 14, 6.5
"""Pixels, about: the height of what is plotted, and of a line of text; the width of a letter."""
LONGEST_END = 16
"""So many letters of a name stand at its line's end, and leave a phone its plot; the whole name is where one points."""
FEW = 40
"""Up to so many points are marked larger, so that each can be clicked without searching."""


def lines(
    frame: pd.DataFrame,
    colours: Palette,
    *,
    split: str = "",
    before: pd.DataFrame | None = None,
    target: float | None = None,
    target_words: str = "target",
    unit: Unit | None = None,
    suffix: str = "",
    by_tens: bool = False,
) -> go.Figure:
    """Return lines of `value` over `t`, one for each value of `split`; a gap in the data is a gap in the line.

    `unit` is how the axis and the hints write values, `suffix` follows those that have none.
    `by_tens` draws them on a logarithmic axis, for what differs by orders of magnitude.
    """
    groups = [(str(name), each) for name, each in frame.groupby(split, sort=False)] if split else [("", frame)]
    traces: list[Any] = []
    if before is not None and not before.empty and not split:
        traces.append(_before(before, colours))
    pens = cycle([colours.accent, colours.mute, colours.cold, colours.warm, colours.hot, colours.ok])
    drawn = [(name, each, next(pens)) for name, each in groups]
    traces += [_line(each, named(name, split) if name else "", pen, unit, suffix) for name, each, pen in drawn]
    figure = new_figure(traces, colours, yaxis=_axis(frame["value"], unit, target, suffix))
    figure.update_xaxes(tickformatstops=dates(), nticks=DATES)
    if len(groups) > 1:
        ends = [_end(each, named(name, split, LONGEST_END), pen) for name, each, pen in drawn]
        _name(figure, [end for end in ends if end], frame["value"].dropna(), by_tens)
    if target is not None:
        draw_target(figure, target, target_words, colours)
    return _by_tens(figure) if by_tens else figure


def _axis(values: "pd.Series[float]", unit: Unit | None, target: float | None, suffix: str) -> dict[str, Any]:
    """Return how the axis of values writes its ticks."""
    if unit is Unit.SHARE and values.notna().any():
        reached = [values.min(), values.max()] + ([] if target is None else [target])
        return share_axis(min(reached), max(reached))
    return {"ticksuffix": " ms" if unit is Unit.MS else suffix}


def _by_tens(figure: go.Figure) -> go.Figure:
    """Put the figure on a logarithmic axis, on which plotly places annotations by the logarithm."""
    figure.update_yaxes(type="log", ticksuffix="", **tens_of_milliseconds())
    return figure.for_each_annotation(lambda note: note.update(y=math.log10(max(note.y, LEAST))))


def _line(frame: pd.DataFrame, name: str, pen: str, unit: Unit | None, suffix: str) -> Any:
    return go.Scatter(
        x=frame["t"],
        y=frame["value"],
        name=name,
        text=["" if pd.isna(value) else _hint(value, unit) for value in frame["value"]],
        mode="lines+markers",
        line={"color": pen, "width": 2},
        marker={"size": 5 if len(frame) <= FEW else 3, "color": pen},
        customdata=customdata(frame),
        hovertemplate=f"%{{x|{hover_moment()}}}<br>%{{text}}{suffix}<extra>{name}</extra>",
    )


def _hint(value: float, unit: Unit | None) -> str:
    return amount(value) if unit is None else write(value, unit)


def _before(frame: pd.DataFrame, colours: Palette) -> Any:
    pen = {"color": colours.mute, "width": 1.5}
    return go.Scatter(
        x=frame["t"], y=frame["value"], mode="lines", line=pen, opacity=0.45, hoverinfo="skip", name="the period before"
    )


class _End(NamedTuple):
    """How high a line ends, and what is written there."""

    value: float
    name: str
    pen: str


def _end(frame: pd.DataFrame, name: str, pen: str) -> _End | None:
    points = frame.dropna(subset="value")
    return None if points.empty else _End(points["value"].iloc[-1], name, pen)


def _name(figure: go.Figure, ends: list[_End], values: "pd.Series[float]", by_tens: bool) -> None:
    """Write each line's name at its end, apart from the one below it by a line of text at least.

    The names stand beside the plot: within it, the axis of time would go on for as long as the longest of them is wide.
    """

    def height(value: float) -> float:
        return math.log10(max(value, LEAST)) if by_tens else value

    reach = height(values.max()) - height(values.min()) if len(values) else 0
    pixels, taken = PLOT / (reach or 1), -math.inf
    for end in sorted(ends):
        at = height(end.value) * pixels
        taken = max(at, taken + LETTERS)
        font = {"color": end.pen}
        figure.add_annotation(
            xref="paper", x=1, y=end.value, text=end.name, showarrow=False, xanchor="left", yshift=taken - at, font=font
        )
    figure.update_layout(margin_r=10 + LETTER * max((len(unescape(end.name)) for end in ends), default=0))
