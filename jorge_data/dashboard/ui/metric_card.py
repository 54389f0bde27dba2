"""A figure's tile: its name, value and unit, its change since the period before, whether it meets its target."""

from datetime import datetime, time
from typing import Literal, NamedTuple

import streamlit as st

from jorge_data.dashboard.query.page_query import PageQuery
from jorge_data.dashboard.ui import drill_down, filters
from jorge_data.dashboard.ui.page_data import Metric
from jorge_data.errors import Behind
from jorge_data.metrics.definitions import Definition
from jorge_data.metrics.formatting import Unit, change, number, write, write_date, write_day, write_moment

Good = Literal["up", "down", "neither"]
_COLOURS: dict[Good, Literal["normal", "inverse", "off"]] = {"up": "normal", "down": "inverse", "neither": "off"}


class Target(NamedTuple):
    """A target of a figure: at most or at least a value."""

    value: float
    most: bool

    def met(self, value: float) -> bool:
        """Return whether a value meets the target."""
        return value <= self.value if self.most else value >= self.value


def at_most(value: float) -> Target:
    """Return the target that a figure should not pass."""
    return Target(value, most=True)


def at_least(value: float) -> Target:
    """Return the target that a figure should reach."""
    return Target(value, most=False)


def metric_card(
    definition: Definition,
    value: Metric,
    query: PageQuery,
    *,
    label: str = "",
    good: Good = "neither",
    target: Target | None = None,
    of: str = "events",
    note: str = "",
    shown: str = "",
    absent: str = "",
) -> None:
    """Draw a tile; its help is the figure's definition, and a click on the count of its rows opens them.

    `good` is the direction of good news, which no change of an "at least" is; `of` names the rows, `note` is a line of
    text, `label` replaces the title, `shown` the value, and `absent` why there is none.
    """
    name, unit = label or definition.title, definition.unit
    with st.container(border=True, key=f"tile_{_key(name)}", height="stretch"):
        st.metric(
            name,
            shown or _written(value, unit, target),
            change(value.now, value.before, unit),
            delta_color=_COLOURS["neither" if value.at_least else good],
            delta_description=_compared(value, query),
            help=definition.line,
        )
        why_none = (absent or definition.absent) if value.now is None and not value.refusal else ""
        why = "" if isinstance(value.refusal, Behind) else str(value.refusal or "")  # the page says it once
        for line in filter(
            None, (_target_words(value, unit, target), note, why_none, why, filters.words(value.not_by))
        ):
            st.text(line)
        _rows_button(_key(name), value, query, of)


def _compared(value: Metric, query: PageQuery) -> str | None:
    """Write with what a value is compared: with the period before, or, where it is of a moment, with an earlier one."""
    if value.now is None or value.before is None:
        return None
    if value.since is None:
        return f"vs {query.before.label}"
    return f"{query.label}, vs {_began(value.since.astimezone(query.office_zone), query)}"


def _began(at: datetime, query: PageQuery) -> str:
    """Write a moment as the day that it begins, with its year where that is another, or by the clock."""
    if at.time() != time():
        return write_moment(at)
    return write_day(at) if at.year == query.end.astimezone(query.office_zone).year else write_date(at)


def _written(value: Metric, unit: Unit, target: Target | None) -> str:
    if value.refusal:
        return "not yet" if isinstance(value.refusal, Behind) else "not available"
    written = write(value.now, unit, target and target.value)
    return f"≥ {written}" if value.at_least and value.now is not None else written


def _target_words(value: Metric, unit: Unit, target: Target | None) -> str:
    if target is None:
        return ""
    words = f"target {'≤' if target.most else '≥'} {write(target.value, unit)}"
    if value.now is None:
        return words
    return f"✓ {words}" if target.met(value.now) else f"✕ {words}, missed"


def _rows_button(key: str, value: Metric, query: PageQuery, of: str) -> None:
    if value.n is None:
        return
    period = query.label.replace(" ", "\u00a0")
    words = f"{number(value.n)}\u00a0{singular(of) if value.n == 1 else of}, {period}"
    if value.rows is None or not value.n:
        st.text(words)
        return
    st.button(
        words,
        key=f"open_{key}",
        type="tertiary",
        icon=":material/chevron_right:",
        icon_position="right",
        on_click=drill_down.open_rows,
        args=(value.rows.token(),),
    )


def singular(of: str) -> str:
    """Return what rows are called as one row is: "deal won", "time hot", "promised step", "open"."""
    return " ".join(word[:-1] if word.endswith("s") else word for word in of.split(" "))


def _key(label: str) -> str:
    return "".join(letter if letter.isalnum() else "_" for letter in label.lower())
