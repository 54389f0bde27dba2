"""A chart on a page: its finding and what it shows in words, marks that open what they are made of, and its files."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from hashlib import blake2b
from typing import Any

import orjson
import pandas as pd
import streamlit as st

from jorge_data import charts
from jorge_data.charts import DRILL
from jorge_data.dashboard.context import AppContext
from jorge_data.dashboard.ui import drill_down, export, states
from jorge_data.dashboard.ui.shell import scope

Build = partial[Any] | Callable[[pd.DataFrame, charts.Palette], Any]
PNG = {"format": "png", "width": 1000, "height": 420, "scale": 2}


def chart_card(
    frame: pd.DataFrame,
    build: Build,
    *,
    key: str,
    finding: str,
    what: str,
    nothing: str = states.NOTHING,
    alt: str = "",
) -> None:
    """Draw a frame; a click on a mark opens the rows that the frame's column `drill` names for it.

    `finding` is what the data say, `what` names what is drawn, its unit, its period and n. An empty frame is drawn as
    the empty look, with `nothing` for its words.
    """
    with st.container(key=f"heading_{key}", gap=None):
        st.text(finding)
        st.text(what)
    if frame.empty:
        states.empty(nothing)
        return
    place = f"chart_{key}_{drill_down.generation()}"
    st.plotly_chart(
        _figure(key, build, frame, finding, what),
        key=place,
        theme=None,
        on_select=lambda: _open(place),
        selection_mode="points",
        config={"modeBarButtons": [["toImage"]], "toImageButtonOptions": {**PNG, "filename": key}},
        alt=alt or f"{finding}. {what}",
    )
    _numbers(frame, key)


def _figure(key: str, build: Build, frame: pd.DataFrame, finding: str, what: str) -> Any:
    """Return the figure of a frame, built anew where anything that it is made of has changed.

    A refresh that was told nothing new, and each viewer after the first, is spared the building: half of a script.
    """
    look, palette = scope(), colours()

    def built() -> Any:
        figure = build(frame, palette)
        figure.update_layout(title=charts.headline(finding, what, palette))
        return figure

    # By its place and its range, so that what was drawn a moment ago gives way to what is drawn now.
    place = ("figure", key, look.location, look.rolling or (look.start, look.end), palette is charts.DARK)
    return AppContext.current().questions.cache.made(place, _digest(build, frame, palette, finding, what), built)


def _digest(*parts: object) -> bytes:
    """Return a digest of all that a figure is made of, written out: the same for the same figure alone."""
    written = orjson.dumps(parts, default=_plain, option=orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_NON_STR_KEYS)
    return blake2b(written, digest_size=16).digest()


def _plain(part: object) -> Any:
    if isinstance(part, pd.DataFrame):
        return [(name, str(column.dtype), _values(column)) for name, column in part.items()]
    if isinstance(part, partial):
        return _plain(part.func), part.args, part.keywords
    if isinstance(part, tuple):
        return list(part)
    if isinstance(part, datetime):
        return part.isoformat()
    if callable(part):
        return [str(getattr(part, name, "")) for name in ("__module__", "__qualname__", "__self__")]
    raise TypeError(f"a figure is made of a {type(part)}, which cannot be written out")


def _values(column: "pd.Series[Any]") -> list[Any]:
    is_moment = isinstance(column.dtype, pd.DatetimeTZDtype)
    return (column.astype("int64") if is_moment else column).tolist()


def _numbers(frame: pd.DataFrame, key: str) -> None:
    """Draw what the chart draws as a table, which a keyboard can open rows from, and its files; once it is opened."""
    numbers = st.popover("Numbers", type="tertiary", icon=":material/table:", key=f"numbers_{key}", on_change="rerun")
    if not numbers.open:
        return
    with numbers:
        place = f"rows_{key}_{drill_down.generation()}"
        tokens = list(frame[DRILL]) if DRILL in frame else []
        shown = frame.drop(columns=DRILL, errors="ignore")
        st.dataframe(
            shown,
            hide_index=True,
            key=place,
            on_select=(lambda: _open_row(place, tokens)) if tokens else "ignore",
            selection_mode="single-row",
            alt="The numbers of the chart",
        )
        export.buttons(key, key, lambda: shown)


def _open_row(place: str, tokens: list[str]) -> None:
    rows = st.session_state[place]["selection"]["rows"]
    if rows and tokens[rows[0]]:
        drill_down.open_rows(tokens[rows[0]])


def colours() -> charts.Palette:
    """Return the colours of the viewer's theme."""
    return charts.DARK if st.context.theme.type == "dark" else charts.LIGHT


def _open(place: str) -> None:
    points = st.session_state[place]["selection"]["points"]
    token = next((token_of(point) for point in points), None)
    if token:
        drill_down.open_rows(token)


def token_of(point: dict[str, Any]) -> str | None:
    """Return what a clicked mark is made of, as the builders put it into its customdata."""
    said = point.get("customdata")
    first = said[0] if isinstance(said, list | tuple) and said else said
    return first if isinstance(first, str) and first else None
