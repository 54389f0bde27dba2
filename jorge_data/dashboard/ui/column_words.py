"""How a column writes its values, by its configuration of Streamlit's: in words for paper, as a cell of a workbook.

On the screen the browser writes them; these are the same words where no browser does.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any, cast

import pandas as pd
from streamlit.elements.lib.column_types import ColumnConfig

from jorge_data.metrics.formatting import number, percent
from jorge_data.metrics.names import title_words

Columns = Mapping[str, ColumnConfig | str]
"""Columns that are shown, and how: a title, or a column of `st.column_config`."""

NOTHING = "–"
_MOMENTS = {
    "YYYY": "%Y",
    "MMM": "%b",
    "MM": "%m",
    "DD": "%d",
    "HH": "%H",
    "mm": "%M",
    "ss": "%S",
}


def title(name: str, columns: Columns) -> str:
    """Return a column's heading: what it is called on the screen, in words where nobody gave it one."""
    column = columns.get(name)
    return str((column if isinstance(column, str) else (column or {}).get("label")) or title_words(name))


def titled(names: Iterable[str], columns: Columns) -> dict[str, ColumnConfig | str]:
    """Return the configuration of all these columns, each with its heading."""
    return {name: _titled(name, columns) for name in names}


def _titled(name: str, columns: Columns) -> ColumnConfig | str:
    column, heading = columns.get(name), title(name, columns)
    return heading if column is None or isinstance(column, str) else cast(ColumnConfig, {**column, "label": heading})


def format_of(name: str, columns: Columns) -> str:
    """Return the format of a column's values, "" where they stand as they are."""
    return _configured(name, columns, "format")


def in_zones(frame: pd.DataFrame, columns: Columns) -> pd.DataFrame:
    """Return the frame with its moments in the zones that their columns are shown in."""
    moments = (str(name) for name, dtype in frame.dtypes.items() if isinstance(dtype, pd.DatetimeTZDtype))
    zones = {name: zone for name in moments if (zone := _configured(name, columns, "timezone"))}
    return frame.assign(**{name: frame[name].dt.tz_convert(zone) for name, zone in zones.items()})


def _configured(name: str, columns: Columns, what: str) -> str:
    column = columns.get(name)
    if column is None or isinstance(column, str):
        return ""
    configured: dict[str, Any] = dict(column.get("type_config") or {})
    return str(configured.get(what) or "")


def written(value: Any, form: str) -> str:
    """Write a value as the screen does."""
    if value is None or (not isinstance(value, list | dict) and pd.isna(value)):
        return NOTHING
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime | date):
        return _moment(value, form or ("YYYY-MM-DD HH:mm:ss" if isinstance(value, datetime) else "YYYY-MM-DD"))
    if isinstance(value, int | float):
        return _number(value, form)
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _number(value: float, form: str) -> str:
    if form == "dollar":
        return f"${number(value, 0 if value == int(value) else 2)}"
    if form == "percent":
        return percent(value)
    if form:
        return form.replace("%d", "%.0f") % value
    return number(value) if value == int(value) else f"{value:,}"


def _moment(value: Any, form: str) -> str:
    for name, code in _MOMENTS.items():
        form = form.replace(name, code)
    return str(value.strftime(form.replace("D ", f"{value.day} ")))
