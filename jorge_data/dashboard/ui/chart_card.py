"""A chart on a page: its finding and what it shows in words, marks that open the rows behind them, and its files."""

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
from jorge_data.dashboard.context import UserContext
from jorge_data.dashboard.ui import annotations, drill_down, export, filters, page_layout, states
from jorge_data.dashboard.ui.column_words import Columns
from jorge_data.dashboard.ui.shell import scope
from jorge_data.metrics.formatting import Unit, amount, joined, number, portions
from jorge_data.metrics.names import title_words

Build = partial[Any] | Callable[[pd.DataFrame, charts.Palette], Any]
MOST_BARS = 12
NUMBERS = {
    "t": "When",
    "value": "Value",
    "figure": "Value",
    "n": "Of how many",
    "words": "In words",
    "bin": "From",
    "low": "Likely at least",
    "high": "Likely at most",
    "p10": "Low end",
    "p50": "Best guess",
    "p90": "High end",
    "median_s": "Half within",
    "stated": "How sure",
    "right": "Right",
    "start": "From",
    "end": "To",
    "share": "Share",
    "time": "After",
}
"""The titles of the columns of a chart's numbers that are no fields."""

PNG = {"format": "png", "width": 1000, "height": 420, "scale": 2}


def _written(value: float) -> str:
    return number(value) if value >= 100 or value == int(value) else amount(value)


def largest(
    frame: pd.DataFrame, most: int = MOST_BARS, whole: bool = True, write: Callable[[float], str] = _written
) -> pd.DataFrame:
    """Return the rows of the greatest `value` first, with `words` such as "412 · 34 %".

    The shares are of all that there are, and add up to 100; none are written where the values are no parts of a whole.
    """
    values = list(frame["value"].fillna(0))
    shares = portions(values) if whole else [""] * len(values)
    words = [joined(write(value), share) for value, share in zip(values, shares, strict=True)]
    return (
        frame.assign(words=words).sort_values("value", ascending=False, kind="stable").head(most).reset_index(drop=True)
    )


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

    `finding` is what the data say, `what` names what is drawn, its unit, its period and n. For an empty frame `nothing`
    is written instead.
    """
    what, page_scope = filters.complete(what), scope()
    page_layout.heading(key, finding, what)
    if frame.empty:
        states.empty(nothing)
        return
    widget_key = f"chart_{key}_{drill_down.generation()}"
    figure = _figure(key, build, frame, finding, what)
    st.plotly_chart(
        figure,
        key=widget_key,
        theme=None,
        height="stretch",  # as high as the card beside it, or as a wall screen has room
        on_select=lambda: _open(widget_key),
        selection_mode="points",
        config={
            "displayModeBar": False if page_scope.kiosk else "hover",
            "modeBarButtons": [["toImage"]],
            "toImageButtonOptions": {**PNG, "filename": export.file_name(key)},
        },
        alt=alt or f"{finding}. {what}",
    )
    if page_scope.kiosk:  # a wall screen has nobody who presses anything
        return
    with st.container(horizontal=True, gap="small", key=f"beside_{key}"):
        _numbers(frame, key, build)
        if charts.time_zone(frame, figure) is not None:
            annotations.control(key, page_scope)


def _figure(key: str, build: Build, frame: pd.DataFrame, finding: str, what: str) -> Any:
    """Return the figure of a frame, from the cache unless something that it depends on has changed.

    A refresh without new data, and each viewer after the first, is spared the building: half of a script.
    """
    page_scope, palette = scope(), colours()
    marks = annotations.marks(page_scope.location)

    # By page, office and range, so that what was drawn a moment ago is replaced by what is drawn now.
    span = page_scope.rolling or (page_scope.start, page_scope.end)

    def build_figure() -> Any:
        figure = build(frame, palette)
        figure.update_layout(title=charts.headline(finding, what, palette))
        zone = charts.time_zone(frame, figure)
        if zone is not None:
            charts.annotate(figure, marks, palette, zone, (page_scope.start, page_scope.end))
            charts.zoomable(figure, zone, span)
        return charts.enlarged(figure, *page_scope.screen) if page_scope.kiosk else figure

    cache_key = ("figure", key, span, palette is charts.DARK)
    version = _digest(build, frame, palette, finding, what, marks, page_scope.kiosk and page_scope.screen)
    return UserContext.current().client.computed(page_scope.location, cache_key, version, build_figure)


def _digest(*parts: object) -> bytes:
    """Return a digest of all that a figure depends on, which no other figure has."""
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


def number_titles(frame: pd.DataFrame) -> Columns:
    """Return the title in words of each column of a chart's numbers; moments that are all midnights are days."""
    titles: dict[str, Any] = {str(name): NUMBERS.get(str(name)) or title_words(str(name)) for name in frame}
    for name in ("t", "start", "end"):
        if name in frame and isinstance(frame[name].dtype, pd.DatetimeTZDtype):
            days = (frame[name].dt.normalize() == frame[name]).all()
            form = "D MMM YYYY" if days else "D MMM YYYY HH:mm"
            titles[name] = st.column_config.DatetimeColumn(titles[name], format=form)
    return titles


def is_share(build: Build) -> bool:
    """Return whether a chart draws its values as shares of 1."""
    return isinstance(build, partial) and build.keywords.get("unit") is Unit.SHARE


def _numbers(frame: pd.DataFrame, key: str, build: Build) -> None:
    """Draw the chart's frame as a table, whose rows a keyboard can open, and as files; both only once it is opened."""
    numbers = st.popover("Numbers", type="tertiary", icon=":material/table:", key=f"numbers_{key}", on_change="rerun")
    if not numbers.open:
        return
    with numbers:
        shown = frame.drop(columns=DRILL, errors="ignore")
        tokens = list(frame[DRILL]) if DRILL in frame else []
        # A chart's value is no amount of money, as that of a list is.
        drawn = shown.rename(columns={"value": "share" if is_share(build) else "figure"})
        titles, alt = number_titles(drawn), "The numbers of the chart"
        drill_down.rows_behind(drawn, titles, tokens, key=f"numbers_{key}", alt=alt, printed=False)
        export.buttons(key, key, lambda: shown, columns=number_titles(shown))


def colours() -> charts.Palette:
    """Return the colours of the viewer's theme."""
    return charts.DARK if st.context.theme.type == "dark" else charts.LIGHT


def _open(widget_key: str) -> None:
    points = st.session_state[widget_key]["selection"]["points"]
    token = next((_token_of(point) for point in points), None)
    if token:
        drill_down.open_rows(token)


def _token_of(point: dict[str, Any]) -> str | None:
    """Return the drill link of a clicked mark, which the builders put into its customdata."""
    customdata = point.get("customdata")
    first = customdata[0] if isinstance(customdata, list | tuple) and customdata else customdata
    return first if isinstance(first, str) and first else None
