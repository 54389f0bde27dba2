"""A flow from step to step: how many went from each to each."""

import pandas as pd
import plotly.graph_objects as go
from plotly.colors import hex_to_rgb

from jorge_data.charts.marks import new_figure, plain
from jorge_data.charts.palette import Palette, shade


def sankey(frame: pd.DataFrame, colours: Palette) -> go.Figure:
    """Return a frame of `from`, `to` and `value` as a flow; names that mean something have its colour."""
    names = list(dict.fromkeys([*frame["from"].astype(str), *frame["to"].astype(str)]))
    positions = {name: at for at, name in enumerate(names)}
    flow = go.Sankey(
        node={
            "label": [plain(name) for name in names],
            "color": [shade(name, colours, "accent") for name in names],
            "pad": 18,
            "thickness": 14,
            "line": {"width": 0},
        },
        link={
            "source": [positions[str(name)] for name in frame["from"]],
            "target": [positions[str(name)] for name in frame["to"]],
            "value": frame["value"],
            "color": _pale(colours.mute),
        },
        textfont={"color": colours.text, "size": 12},
        arrangement="snap",
    )
    return new_figure([flow], colours)


def _pale(colour: str) -> str:
    """Return a colour that is seen on either ground, and through which ribbons that cross are seen."""
    red, green, blue = hex_to_rgb(colour)
    return f"rgba({red},{green},{blue},0.35)"
