"""A chart on a wall screen: drawn at the screen's size, its type as large as that of the page around it."""

from typing import Any

import plotly.graph_objects as go

ROOT_PX = 14
"""The page's type where it is not enlarged."""
WIDE, HIGH = 0.0094, 0.0167
"""The type of a wall screen, in parts of its width or height; the lesser counts. As in `kiosk.css`."""


def enlarged(figure: go.Figure, width: int, height: int) -> go.Figure:
    """Return the figure as a screen of so many pixels has it; how high it is, the page says that has room for it."""
    root = min(WIDE * width, HIGH * height)
    drawn = figure.to_dict()
    for part in (drawn["data"], drawn["layout"]):
        _grow(part, root / ROOT_PX)
    drawn["layout"]["height"] = round(0.55 * height)  # until the page is laid out
    return go.Figure(drawn)


def _grow(part: Any, scale: float) -> None:
    for each in part.values() if isinstance(part, dict) else part if isinstance(part, list | tuple) else ():
        _grow(each, scale)
    if not isinstance(part, dict):
        return
    for name, inner in part.items():
        grown = _measures(name)
        for measure in grown & inner.keys() if isinstance(inner, dict) else ():
            if isinstance(inner[measure], int | float):
                inner[measure] *= scale


def _measures(name: str) -> frozenset[str]:
    """Return which measures of a part of this name are pixels."""
    if name.lower().endswith("font") or name == "marker":
        return frozenset({"size"})
    return {"margin": frozenset("lrtb"), "line": frozenset({"width"}), "node": frozenset({"pad", "thickness"})}.get(
        name, frozenset()
    )
