"""Arrivals: the share that has arrived, by the time since the start, each arrival a mark that can be clicked."""

from typing import NamedTuple

import pandas as pd
import plotly.graph_objects as go

from jorge_data.charts.marks import HEIGHT, customdata, new_figure
from jorge_data.charts.palette import Palette
from jorge_data.metrics.formatting import portion

DONE, WAITING = "arrived", "waiting"
"""The states of a mark; a frame's first row, at the start, has none."""

MOST_MARKED = 400
"""Of more arrivals each mark is so small that the line stays one."""


class Half(NamedTuple):
    """When half had arrived, on the axis and in words."""

    at: float
    words: str


def arrivals(
    frame: pd.DataFrame,
    colours: Palette,
    *,
    unit: str,
    most: float,
    before: pd.DataFrame | None = None,
    half: Half | None = None,
    ends: tuple[str, str] = ("", ""),
) -> go.Figure:
    """Return `share` over `time` as rising steps, up to `most`; the period before is dashed.

    Who waits stands on the line as a stroke at as long as he has waited so far, by the column `state`. `ends` is what
    stands at the right end of the line, and of the one before.
    """
    traces = [] if before is None or before.empty else [_before(before, colours, most)]
    line = _line_to(frame[frame["state"] != WAITING], most)
    stroke = {"color": colours.accent, "width": 2.2, "shape": "hv"}
    traces.append(go.Scatter(x=line["time"], y=line["share"], mode="lines", line=stroke, hoverinfo="skip"))
    for state, mark in ((DONE, _dot(len(frame), colours)), (WAITING, _stroke(colours))):
        part = frame[(frame["state"] == state) & (frame["time"] <= most)]
        begins = "waits" if state == WAITING else "after"
        hover = f"{begins} %{{x:,.1f}} {unit}<br>%{{text}} had heard<extra></extra>"
        traces.append(
            go.Scatter(
                x=part["time"],
                y=part["share"],
                mode="markers",
                marker=mark,
                text=list(map(portion, part["share"])),
                customdata=customdata(part),
                hovertemplate=hover,
            )
        )
    figure = new_figure(traces, colours, height=HEIGHT + 20)
    figure.update_xaxes(title=unit, range=[-0.01 * most, most * 1.02], fixedrange=True)
    shares = [0, 0.25, 0.5, 0.75, 1]
    written = list(map(portion, shares))
    figure.update_yaxes(range=[0, 1.04], fixedrange=True, tickvals=shares, ticktext=written)
    if half is not None and half.at <= most:
        _draw_half(figure, half, colours)
    _name_ends(figure, line, before, most, ends, colours)
    return figure


def _line_to(frame: pd.DataFrame, most: float) -> pd.DataFrame:
    """Return the steps up to `most`, and the last of them at the axis' end."""
    shown = frame[frame["time"] <= most][["time", "share"]]
    last = pd.DataFrame({"time": [most], "share": [shown["share"].iloc[-1] if len(shown) else 0.0]})
    return pd.concat([shown, last], ignore_index=True)


def _before(frame: pd.DataFrame, colours: Palette, most: float) -> go.Scatter:
    pen = {"color": colours.mute, "width": 1.4, "dash": "dash", "shape": "hv"}
    line = _line_to(frame, most)
    return go.Scatter(x=line["time"], y=line["share"], mode="lines", line=pen, hoverinfo="skip", name="before")


def _dot(n: int, colours: Palette) -> dict[str, object]:
    return {"size": 6 if n <= MOST_MARKED else 3, "color": colours.accent}


def _stroke(colours: Palette) -> dict[str, object]:
    return {"size": 12, "symbol": "line-ns", "line": {"color": colours.hot, "width": 2.5}, "color": colours.hot}


def _draw_half(figure: go.Figure, half: Half, colours: Palette) -> None:
    pen = {"color": colours.mute, "width": 1, "dash": "dot"}
    figure.add_shape(type="line", x0=0, x1=half.at, y0=0.5, y1=0.5, line=pen)
    figure.add_shape(type="line", x0=half.at, x1=half.at, y0=0, y1=0.5, line=pen)
    font = {"color": colours.text, "size": 12}
    figure.add_annotation(
        x=half.at,
        y=0.5,
        text=f"<b>{half.words}</b>",
        showarrow=False,
        xanchor="left",
        xshift=8,
        yshift=-9,
        font=font,
        bgcolor=colours.ground,
    )


def _name_ends(
    figure: go.Figure,
    line: pd.DataFrame,
    before: pd.DataFrame | None,
    most: float,
    ends: tuple[str, str],
    colours: Palette,
) -> None:
    """Write at the right end what has arrived by then, the two a line of text apart."""
    now = float(line["share"].iloc[-1])
    heights = [(now, ends[0], colours.accent)]
    if before is not None and not before.empty and ends[1]:
        heights.append((float(_line_to(before, most)["share"].iloc[-1]), ends[1], colours.mute))
    upper = max(height for height, _, _ in heights)
    for height, words, colour in heights:
        lift = 9 if (height == upper and (height, words) == heights[0][:2]) or height > now else -9
        figure.add_annotation(
            x=most,
            y=height,
            text=words,
            showarrow=False,
            xanchor="right",
            yshift=lift,
            font={"color": colour, "size": 12},
            bgcolor=colours.ground,  # it stands on a line
        )
