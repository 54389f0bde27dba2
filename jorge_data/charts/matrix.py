"""A matrix: rows by columns, each cell a number and a shade; every cell can be clicked.

No cell of plotly's own heat map can be selected: each cell is a bar instead.
"""

from collections.abc import Callable

import pandas as pd
import plotly.graph_objects as go
from plotly.colors import find_intermediate_color, hex_to_rgb

from jorge_data.charts.marks import HEIGHT, customdata, named, new_figure, plain
from jorge_data.charts.palette import Palette

GAP = 0.04
ROW = 46


def matrix(
    frame: pd.DataFrame,
    colours: Palette,
    *,
    column: str,
    row: str,
    write: Callable[[float], str],
    columns: tuple[str, ...] = (),
    rows: tuple[str, ...] = (),
    most: float | None = None,
    column_title: str = "",
    row_title: str = "",
) -> go.Figure:
    """Return a frame of `column`, `row` and `value` as cells; `most` is the value of the deepest shade.

    In a cell stands the frame's column `words`, where it has one, else its value as `write` writes it. A cell without a
    value, of which too few are known, is hatched.
    """
    across, down = columns or _names(frame[column]), rows or _names(frame[row])
    top, known = most or frame["value"].max() or 1, frame["value"].notna()
    shares = [max(0.0, min(1.0, value / top)) for value in frame["value"].fillna(0)]
    cells = go.Bar(
        x=[across.index(str(name)) for name in frame[column]],
        y=[1 - 2 * GAP] * len(frame),
        base=[down.index(str(name)) - 0.5 + GAP for name in frame[row]],
        width=1 - GAP,
        marker={
            "color": [
                _shade(share, colours) if is_known else colours.ground
                for share, is_known in zip(shares, known, strict=True)
            ],
            "pattern": {
                "shape": ["" if is_known else "/" for is_known in known],
                "fgcolor": colours.mute,
                "bgcolor": colours.ground,
                "size": 7,
                "solidity": 0.15,
            },
        },
        text=_lines(frame["words"]) if "words" in frame else list(map(write, frame["value"])),
        textfont={"color": [colours.ground if share > 0.55 else colours.text for share in shares]},
        textposition="inside",
        insidetextanchor="middle",
        textangle=0,
        customdata=customdata(frame),
        hoverinfo="none",
    )
    figure = new_figure([cells], colours, height=max(HEIGHT, 120 + ROW * len(down)), barmode="overlay")
    figure.update_xaxes(**_axis(across, column), title=column_title)
    figure.update_yaxes(**_axis(down, row), title=row_title, autorange="reversed", showgrid=False)
    return figure


def _lines(words: pd.Series) -> list[str]:
    return ["<br>".join(map(plain, each.splitlines())) for each in words]


def _names(values: pd.Series) -> tuple[str, ...]:
    return tuple(dict.fromkeys(map(str, values)))


def _axis(names: tuple[str, ...], field: str) -> dict[str, object]:
    words = [named(name, field) for name in names]
    return {"tickvals": list(range(len(names))), "ticktext": words, "nticks": len(names) + 1, "fixedrange": True}


def _shade(share: float, colours: Palette) -> str:
    ends = (tuple(map(float, hex_to_rgb(colour))) for colour in (colours.track, colours.accent))
    red, green, blue = find_intermediate_color(*ends, share)
    return f"rgb({red:.0f},{green:.0f},{blue:.0f})"
