"""What all charts share: the figure and its one template, customdata, targets, error bars, and text that is no markup.

The template has no frame, few grid lines, and colour only where it means something.
"""

import math
import re
from collections.abc import Sequence
from functools import cache
from html import escape
from typing import Any, NamedTuple

import pandas as pd
import plotly.graph_objects as go

from jorge_data.charts.palette import Palette
from jorge_data.metrics.formatting import milliseconds, percent, portion
from jorge_data.metrics.names import label_words
from jorge_data.metrics.office_locale import office_locale

DRILL = "drill"
"""The column of a frame that holds, for each mark, the token of the request for the rows that it is made of."""

TENTHS = tuple(map(str, range(0, 100, 10)))
"""The names of the bins of a score from 0 to 100, ten points each."""

LONGEST = 40
HEIGHT = 330
DATES = 5
"""So many dates at most on an axis of lines: in a third of a page, and on a phone, more would touch."""
CLEAR = "rgba(0,0,0,0)"
FONT = "'Source Sans', sans-serif"
"""The page's own letters, which Streamlit brings along: `picture.js` puts them into a picture that is downloaded."""


class Axis(NamedTuple):
    """How an axis writes values: in units of `size`, at its ticks and where one points by d3's formats."""

    size: float = 1
    ticks: str = ""
    hover: str = ",.4~g"
    suffix: str = ""


_HOVERED = re.compile(r"%\{y(:[^}]*)?\}")


def write_values(figure: go.Figure, axes: Sequence[Axis]) -> go.Figure:
    """Let a chart of time write its values so; the second axis is that of the second series.

    The values are drawn in the units of the axis already.
    """
    for position, axis in enumerate(axes):
        layout = figure.layout["yaxis2" if position and "yaxis2" in figure.layout else "yaxis"]
        layout.update(tickformat=axis.ticks, ticksuffix=axis.suffix)
    shown = [trace for trace in figure.data if trace.hovertemplate]
    for position, trace in enumerate(shown):
        axis = axes[min(position, len(axes) - 1)]
        trace.hovertemplate = _HOVERED.sub(f"%{{y:{axis.hover}}}{axis.suffix}", trace.hovertemplate)
    return figure


def plain(text: object, longest: int = LONGEST) -> str:
    """Return text of an event as text, which plotly would otherwise read as bold, links and line breaks."""
    words = str(text)
    cut = words if len(words) <= longest else words[: longest - 1] + "…"
    return escape(cut, quote=False) or "(none)"


def named(value: object, field: str, longest: int = LONGEST) -> str:
    """Return a value of a field as its mark is labelled: in words, with a capital, and as text."""
    text = str(value)
    return plain(label_words(text, field) if text else text, longest)


def customdata(frame: pd.DataFrame) -> list[list[str]] | None:
    """Return each mark's customdata, the token of its rows; None where the frame has no column `drill`."""
    return [[token] for token in frame[DRILL]] if DRILL in frame else None


def every_bin(frame: pd.DataFrame, bins: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of the frame in the order of `bins`; a bin that the frame lacks counts 0 and opens nothing."""
    return bins.merge(frame, how="left", on=list(bins.columns)).fillna({"value": 0, "n": 0, DRILL: ""})


def new_figure(traces: list[Any], colours: Palette, height: int = HEIGHT, **layout: Any) -> go.Figure:
    """Return a figure with the product's template, transparent so that the card's ground shows through."""
    figure = go.Figure(traces)
    figure.update_layout(separators=office_locale().separators)
    figure.update_layout(template=template(colours), height=height, paper_bgcolor=CLEAR, plot_bgcolor=CLEAR, **layout)
    figure.update_xaxes(tickangle=0, nticks=7)
    figure.update_traces(unselected={"marker": {"opacity": 1}}, selector=lambda trace: trace.type in ("bar", "scatter"))
    return figure


@cache
def template(colours: Palette) -> go.layout.Template:
    """Return the template in these colours."""
    return go.layout.Template(
        layout={
            "font": {"family": FONT, "color": colours.text, "size": 13},
            "paper_bgcolor": colours.ground,
            "plot_bgcolor": colours.ground,
            "colorway": [colours.accent, colours.cold, colours.warm, colours.hot, colours.mute],
            "margin": {"l": 14, "r": 16, "t": 76, "b": 14},
            "showlegend": False,
            "bargap": 0.28,
            "title": {
                "x": 0.02,
                "xref": "container",
                "xanchor": "left",
                "y": 0.96,
                "yref": "container",
                "yanchor": "top",
                "font": {"size": 15},
            },
            "xaxis": _axis(colours),
            "yaxis": _axis(colours) | {"showgrid": True, "gridcolor": colours.line, "nticks": 4},
            "hoverlabel": {
                "bgcolor": colours.ground,
                "bordercolor": colours.line,
                "font": {"color": colours.text},
            },
            "modebar": {"bgcolor": "rgba(0,0,0,0)", "color": colours.mute, "activecolor": colours.accent},
            "uirevision": "keep",
        }
    )


def headline(finding: str, what: str, colours: Palette) -> dict[str, str]:
    """Return a title that states the finding, over a line that says what is drawn, its unit, its period and n."""
    line = f"<span style='font-size:12px;color:{colours.mute}'>{escape(what)}</span>"
    return {"text": f"{escape(finding)}<br>{line}"}


def _axis(colours: Palette) -> dict[str, Any]:
    quiet = {"showgrid": False, "zeroline": False, "showline": False, "ticks": "", "automargin": True}
    font = {"color": colours.mute, "size": 12}
    return {**quiet, "tickfont": font, "title": {"font": font, "standoff": 8}}  # beside the ticks' words, not on them


def draw_target(figure: go.Figure, target: float, words: str, colours: Palette) -> None:
    """Draw a target's line, with its words, if any, at its left end: the right one is for the names of lines."""
    line = {"color": colours.mute, "width": 1, "dash": "dot"}
    note = {"text": plain(words), "font": {"color": colours.mute, "size": 12}}
    words_there = {"annotation": note, "annotation_position": "top left"} if words else {}
    figure.add_hline(y=target, line=line, **words_there)


def error_bars(low: Any, middle: Any, high: Any, colours: Palette, *, thickness: float) -> dict[str, Any]:
    """Return bars from `low` to `high` around points at `middle`, as plotly takes them."""
    return {
        "type": "data",
        "symmetric": False,
        "array": high - middle,
        "arrayminus": middle - low,
        "color": colours.mute,
        "thickness": thickness,
        "width": 0,
    }


def dates() -> list[dict[str, Any]]:
    """Return how an axis of moments writes them, short enough for a phone, by how far apart they are."""
    write = office_locale().axis_dates()
    return [
        {"dtickrange": [None, 86_399_999], "value": f"{write['hour']}\n{write['day']}"},
        {"dtickrange": [86_400_000, "M1"], "value": write["day"]},
        {"dtickrange": ["M1", None], "value": write["month"]},
    ]


def hover_moment() -> str:
    """Return d3's pattern of a moment in a hint."""
    write = office_locale().axis_dates()
    return f"{write['day']}, {write['hour']}"


def share_axis(low: float, high: float) -> dict[str, Any]:
    """Return how an axis of shares from `low` to `high` writes them: as all else does, which no format of plotly's is.

    Some four ticks, a step of 1, 2 or 5 apart.
    """
    reach = max(high - low, 0.004)
    size = 10.0 ** math.floor(math.log10(reach / 3))
    step = next(size * each for each in (1, 2, 5, 10) if reach / (size * each) <= 4)
    ticks = [round(at * step, 6) for at in range(math.ceil(low / step - 1e-6), math.floor(high / step + 1e-6) + 1)]
    return {"tickvals": ticks, "ticktext": [portion(tick) if step >= 0.01 else percent(tick) for tick in ticks]}


TENS_OF_MS = tuple(10**power for power in range(7))


def tens_of_milliseconds() -> dict[str, Any]:
    """Return how a logarithmic axis of milliseconds writes them: "10 ms", "1.0 s"."""
    return {"tickvals": TENS_OF_MS, "ticktext": list(map(milliseconds, TENS_OF_MS))}


LEGEND = {"orientation": "h", "x": 0, "y": -0.2, "yanchor": "top", "traceorder": "normal", "font": {"size": 12}}
"""Where marks lie too close for labels of their own, their names stand below them, in as many lines as they need."""
