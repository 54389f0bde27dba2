"""How a cell of a table reads: the one way of writing (`metrics.formatting`), while the browser still sorts the values.

The browser itself would write by its own language: "$530,000.00" beside "$530,000" of a tile.
"""

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from datetime import date, datetime
from functools import partial
from typing import Any, cast

import pandas as pd
from streamlit.elements.lib.column_types import ColumnConfig

from jorge_data import telephone
from jorge_data.events.money import cents, dollars
from jorge_data.metrics.formatting import (
    cost,
    duration,
    milliseconds,
    money,
    number,
    portion,
    write_clock,
    write_date,
    write_day,
)
from jorge_data.metrics.names import AS_THEY_ARE, FIELDS, field_words, label_words, value_words

Write = Callable[[Any], str]
Writers = Mapping[str, Write]
"""How columns are written whose name does not say it."""
NOTHING = "–"
DAY_S = 86_400

DECIMALS = {"effectiveness": 0, "frs_score": 0, "pcs_score": 0, "match_score": 0, "confidence": 2}
"""Columns that are shown with so many decimals: rounded before they are drawn, since the browser would cut them off."""

_DOLLARS = ("value", "commission", "weighted", "deal_value", "estimated_value")
_SECONDS = (
    *("duration_s", "duration_seconds", "retell_call_duration_seconds", "reported_s"),
    *("heard_s", "waited_s", "half_s", "ninety_s"),
)
_MILLISECONDS = ("processing_time_ms", "response_time_ms")
_DATES = ("expected_close", "next_action_date", "sequence_due")
_SHARES = ("probability", "confidence_score", "soon", "later")

_WRITERS: dict[str, Write] = {
    **dict.fromkeys(_DOLLARS, lambda value: money(cents(value))),
    **dict.fromkeys(_SECONDS, duration),
    **dict.fromkeys(_MILLISECONDS, milliseconds),
    **dict.fromkeys(_SHARES, portion),
    **dict.fromkeys(_DATES, lambda value: _date(value)),
    **{name: partial(number, digits=digits) for name, digits in DECIMALS.items()},
    "confrontational_effectiveness": number,
    "component": lambda name: label_words(name, "component"),
    "cost_usd": cost,
    "lead_source": lambda source: label_words(source, "lead_source") if source else "Not given",
    "phone": telephone.written,
    "stage_age": lambda days: duration(days * DAY_S),
    "changed": lambda changes: _changes(changes),
}
"""How the values of a column are written, by its name."""


_NUMBER_FORMATS = {
    **dict.fromkeys(_DOLLARS, "$#,##0"),
    **dict.fromkeys(_SECONDS, "[h]:mm:ss"),
    **dict.fromkeys(_MILLISECONDS, '#,##0" ms"'),
    **dict.fromkeys(_SHARES, "0%"),
    "stage_age": '0.0" d"',
    "cost_usd": "$0.0000",
}
"""In which format a workbook shows the numbers of a column that the screen writes with a unit."""


def workbook_format(name: str) -> str:
    """Return the number format of a column in a workbook, "" where its name does not say it."""
    return _NUMBER_FORMATS.get(name, "")


def workbook_cell(name: str, value: Any) -> Any:
    """Return a cell as a workbook has it: a text in words, a date as one, seconds in days; all else as it is."""
    if isinstance(value, list) and name in FIELDS:
        return _listed(value, name)
    if name in _SECONDS and isinstance(value, int | float) and not isinstance(value, bool):
        return value / DAY_S
    if not isinstance(value, str) or not value or name in UNREAD:
        return value
    if name == "cost_usd" and (told := dollars(value)) is not None:
        return float(told)
    if name in _DATES:
        with suppress(ValueError):
            return date.fromisoformat(value[: len("2026-11-23")])
    if name == "phone":
        return telephone.written(value)
    return value_words(value, name) if name in FIELDS and name not in AS_THEY_ARE else value


def cells_in_words(
    frame: pd.DataFrame, columns: Mapping[str, ColumnConfig | str], writers: Writers | None = None
) -> Any:
    """Return the frame with what each cell reads; boxes to tick and bars stay the browser's."""
    names = map(str, frame)
    chosen = {name: write for name in names if (write := _writer_of(name, frame[name], columns))} | dict(writers or {})
    return frame.style.format({name: partial(_written, write) for name, write in chosen.items()})


def as_written(frame: pd.DataFrame, writers: Writers | None = None) -> pd.DataFrame:
    """Return the frame with these columns as they read, for paper."""
    texts = {name: [_written(write, value) for value in frame[name]] for name, write in (writers or {}).items()}
    return frame.assign(**texts)


def row_in_words(
    frame: pd.DataFrame, columns: Mapping[str, ColumnConfig | str], position: int, writers: Writers | None = None
) -> dict[str, str]:
    """Return what the cells of one row read, by the names of their columns; without those that are empty."""
    row = {str(name): frame[name].iloc[position] for name in frame}
    own = writers or {}
    words = {
        name: _written(own.get(name) or _writer_of(name, frame[name], columns) or str, value)
        for name, value in row.items()
    }
    return {name: text for name, text in words.items() if text.strip() not in ("", NOTHING)}


def in_words(values: "pd.Series[Any]", columns: Mapping[str, ColumnConfig | str]) -> list[str]:
    """Return what each cell of a column reads where no browser draws it: on paper."""
    name = str(values.name)
    kind = _type_config(columns.get(name))
    if kind.get("type") == "progress":
        form = str(kind.get("format") or "%d")
        return [_written(lambda value: form.replace("%d", number(value)), value) for value in values]
    if kind.get("type") == "checkbox":
        return [_written(lambda value: "yes" if value else "no", value) for value in values]
    return [_written(_writer_of(name, values, columns) or _as_it_stands, value) for value in values]


def _as_it_stands(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def without_formats(columns: Mapping[str, ColumnConfig | str]) -> dict[str, ColumnConfig | str]:
    """Return the columns' configuration without the browser's own ways to write."""
    return {name: _without_format(column) for name, column in columns.items()}


def _without_format(column: ColumnConfig | str) -> ColumnConfig | str:
    kind = _type_config(column)
    if isinstance(column, str) or kind.get("type") not in ("datetime", "number"):
        return column
    left = {name: value for name, value in kind.items() if name != "format"}
    return cast(ColumnConfig, {**column, "type_config": left})


def _type_config(column: ColumnConfig | str | None) -> Mapping[str, Any]:
    return {} if column is None or isinstance(column, str) else cast(Mapping[str, Any], column.get("type_config") or {})


def _writer_of(name: str, values: "pd.Series[Any]", columns: Mapping[str, ColumnConfig | str]) -> Write | None:
    kind = _type_config(columns.get(name))
    if kind.get("type") in ("progress", "checkbox"):
        return None
    if isinstance(values.dtype, pd.DatetimeTZDtype):
        return partial(_moment, str(kind.get("format") or ""), str(kind.get("timezone") or ""))
    if pd.api.types.is_bool_dtype(values):
        return lambda value: "yes" if value else "no"
    if name in _WRITERS:
        return _WRITERS[name]
    if pd.api.types.is_numeric_dtype(values):
        return plain_number
    if any(isinstance(value, list) for value in values):
        return partial(_listed, field=name)
    return partial(value_words, field=name) if name in FIELDS and name not in AS_THEY_ARE else None


def _listed(values: Iterable[Any], field: str) -> str:
    return ", ".join(value_words(value, field) for value in values)


def _changes(changes: Mapping[str, Mapping[str, Any]]) -> str:
    """Write what changed of a contact: "temperature: none → cold; address: none → 14 Elm St"."""
    ends = {
        field: [value_words(change.get(end) or "", field) for end in ("from", "to")]
        for field, change in changes.items()
    }
    return "; ".join(f"{field_words(field)}: {before} → {after}" for field, (before, after) in ends.items())


def _written(write: Write, value: Any) -> str:
    if value is None or (not isinstance(value, Iterable) and pd.isna(value)):
        return NOTHING
    try:
        return write(value)
    except (TypeError, ValueError, ArithmeticError):  # a publisher's own field of this name: as it stands
        return str(value)


def plain_number(value: float) -> str:
    """Write a number of which only its name is known."""
    return number(value, 0 if value == int(value) else 2)


def _moment(form: str, zone: str, at: pd.Timestamp) -> str:
    """Write a moment in the parts that the column's format has, the day and the minute where it has none."""
    local = at.tz_convert(zone) if zone else at
    day = write_date(local) if "YYYY" in form else write_day(local)
    return day if form and "HH" not in form else f"{day}, {write_clock(local, seconds='ss' in form)}"


def _date(text: str) -> str:
    when = date.fromisoformat(text) if len(text) <= len("2026-11-23") else datetime.fromisoformat(text)
    return write_date(when)


def readable(columns: Iterable[str]) -> list[str]:
    """Return the columns that a person reads: without ids and the log's own."""
    return [name for name in columns if name not in UNREAD]


UNREAD = frozenset({"id", "entity", "subject", "contact_id", "seq", "receivedat", "priority", "type", "deal_id"}) | {
    "conversation_id",
    "message_id",
    "call_id",
    "alert_id",
    "analysis_id",
    "pipeline_id",
    "stage_id",
    "agent_id",
    "annotation_id",
    "analysis_source",
}
"""Columns that stand in the file and not on the screen."""
