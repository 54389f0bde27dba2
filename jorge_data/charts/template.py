"""The one plotly template: no frame, few grid lines, colour only where it means something."""

from functools import cache
from html import escape
from typing import Any

import plotly.graph_objects as go

from jorge_data.charts.palette import Palette

FONT = "Inter, Source Sans 3, system-ui, sans-serif"


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
    return {**quiet, "tickfont": font, "title": {"font": font}}
