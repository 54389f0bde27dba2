"""A spread: bars of what was, and for what will be its middle and its range."""

import pandas as pd
import plotly.graph_objects as go

from jorge_data.charts.marks import drawn, hold_against, made_of, plain
from jorge_data.charts.palette import Palette


def spread(
    frame: pd.DataFrame,
    colours: Palette,
    *,
    x: str,
    words: list[str],
    target: float | None = None,
    target_words: str = "target",
) -> go.Figure:
    """Return `value` as bars over `x`; a row with `p10`, `p50` and `p90` gets a range, and its bar is pale."""
    ahead = frame.dropna(subset=["p10", "p50", "p90"])
    part = frame["p50"].notna()
    places = [plain(value) for value in frame[x]]
    done = go.Bar(
        x=places,
        y=frame["value"],
        marker={"color": colours.accent, "opacity": [0.55 if each else 1.0 for each in part]},
        text=words,
        # A range would cross words above its bar.
        textposition=[
            "inside" if each and value else "outside" for each, value in zip(part, frame["value"], strict=True)
        ],
        insidetextanchor="start",
        textfont={"color": colours.text},
        cliponaxis=False,
        customdata=made_of(frame),
        hoverinfo="none",
    )
    traces = [done, _range(ahead, x, colours)]
    figure = drawn(traces, colours, xaxis={"type": "category"}, yaxis={"showgrid": False, "visible": False})
    if target is not None:
        hold_against(figure, target, target_words, colours)
    return figure


def _range(frame: pd.DataFrame, x: str, colours: Palette) -> go.Scatter:
    return go.Scatter(
        x=[plain(value) for value in frame[x]],
        y=frame["p50"],
        mode="markers",
        marker={"symbol": "line-ew-open", "size": 26, "color": colours.text, "line": {"width": 2}},
        error_y={
            "type": "data",
            "symmetric": False,
            "array": frame["p90"] - frame["p50"],
            "arrayminus": frame["p50"] - frame["p10"],
            "color": colours.mute,
            "thickness": 1.5,
            "width": 0,
        },
        customdata=made_of(frame),
        hovertemplate="P50 %{y:,.0f}<extra></extra>",
    )
