"""Export of what is shown: files are made when a button is pressed, and are harmless in a spreadsheet.

A file is named after its page, part, office and period, and its moments stand in the office's zone. CSV has the fields'
own names, for programs; a workbook reads as the screen does. A cell that a program would run as a formula gets an
apostrophe before it in CSV (`spreadsheet`); in XLSX every text is written as a text, which no program runs.
"""

import io
import math
import re
from collections.abc import Callable
from datetime import date, datetime
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
import streamlit as st
import xlsxwriter
from pandas.api.types import is_string_dtype

from jorge_data.dashboard.context import AppContext, UserContext
from jorge_data.dashboard.login.owned_media import owned_by
from jorge_data.dashboard.query.api_client import ApiClient
from jorge_data.dashboard.ui import column_words, navigation
from jorge_data.dashboard.ui.cell_words import workbook_cell, workbook_format
from jorge_data.dashboard.ui.column_words import Columns
from jorge_data.dashboard.ui.rows import localize, moments_in
from jorge_data.spreadsheet import mark_text

PARQUET = "application/vnd.apache.parquet"
PAGE, OFFICE, PERIOD = "page", "office", "period"
"""Where the session has which page it draws, by its path, of which office, and from when to when."""
WIDEST = 60
"""Letters: no column of a workbook is wider."""
EARLIEST_YEAR = 1900
"""Workbooks have no dates before."""

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def buttons(
    name: str, key: str, frame: Callable[[], pd.DataFrame], parquet: bool = False, columns: Columns | None = None
) -> None:
    """Draw the buttons; the frame is made when one of them is pressed. `columns` are those of the screen.

    That somebody takes it along is told to the audit log before: without its entry there is no file.
    """
    zone, stem = AppContext.current().settings.timezone, file_name(name)
    formats: list[tuple[str, str, Callable[[pd.DataFrame], bytes]]] = [
        ("CSV", "text/csv", partial(as_csv, zone=zone)),
        ("XLSX", XLSX, partial(as_xlsx, columns=columns, zone=zone, title=stem)),
    ]
    if parquet:
        formats.append(("Parquet", PARQUET, as_parquet))
    page, location = st.session_state.get(PAGE, navigation.HOME), st.session_state.get(OFFICE, "")
    told = {"act": "export", "page": page, "part": re.sub(r"[^a-z0-9_-]+", "-", key.lower())[:64], "location": location}
    api = UserContext.current().api_at(location)
    with st.container(horizontal=True, gap="small"):
        for label, mime, write in formats:
            ending = label.lower()
            make = partial(_made, api, told | {"format": ending}, frame, write)
            download(label, make, f"{stem}.{ending}", mime, f"{ending}_{key}")


def file_name(part: str) -> str:
    """Return what a file of a part of this page is called, without its ending: "revenue-deals-austin-1-to-24-nov"."""
    page = navigation.entry_at(st.session_state.get(PAGE, navigation.HOME)).title
    words = (page, part, st.session_state.get(OFFICE, ""), st.session_state.get(PERIOD, ""))
    return re.sub(r"[^\w]+", "-", " ".join(words).lower()).strip("-_")


def download(label: str, make: Callable[[], bytes], filename: str, mime: str, key: str) -> None:
    """Draw a button whose file is made when it is pressed, and given to nobody but whom it was drawn for."""
    st.download_button(
        label,
        owned_by(UserContext.current().user.session, make, mime, filename),
        filename,
        mime,
        key=key,
        on_click="ignore",
        type="tertiary",
        icon=":material/download:",
    )


def _made(
    api: ApiClient, told: dict[str, Any], frame: Callable[[], pd.DataFrame], write: Callable[[pd.DataFrame], bytes]
) -> bytes:
    """Return a file, once the audit log has it; outside of any script run, where nothing of the session is known."""
    rows = frame()
    api.post("/api/audit", told | {"rows": len(rows)})
    return write(rows)


def as_csv(frame: pd.DataFrame, zone: ZoneInfo | None = None) -> bytes:
    """Return the frame as CSV in UTF-8, its moments in a zone, with every cell that could be a formula made a text."""
    safe = (in_zone(frame, zone) if zone else frame).map(_escaped).rename(columns=_escaped)
    text: str = safe.to_csv(index=False, lineterminator="\r\n")  # with "\n", a cell that has "\r" is not quoted
    return text.encode("utf-8-sig")


def as_xlsx(
    frame: pd.DataFrame, columns: Columns | None = None, zone: ZoneInfo | None = None, title: str = "data"
) -> bytes:
    """Return the frame as a workbook of one sheet: numbers as numbers, moments as dates in a zone, all else in words.

    First come the columns of the screen, under its words; then what the rows have besides.
    """
    columns = columns or {}
    shown = in_zone(frame, zone) if zone else frame
    names = [*(name for name in columns if name in shown), *(name for name in shown if name not in columns)]
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        book.set_properties({"title": title, "comments": f"Times are those of {zone.key}." if zone else ""})
        sheet, bold = book.add_worksheet("data"), book.add_format({"bold": True})
        sheet.freeze_panes(1, 0)
        for at, name in enumerate(map(str, names)):
            form = column_words.format_of(name, columns)
            heading = column_words.title(name, columns)
            cells = [_cell(workbook_cell(name, value)) for value in shown[name].tolist()]
            sheet.write_string(0, at, heading, bold)
            letters = max([len(heading), *(len(column_words.written(cell, form)) for cell in cells)])
            kind = book.add_format({"num_format": number_format(form, cells, workbook_format(name))})
            sheet.set_column(at, at, min(letters, WIDEST) + 2, kind)
            for row, cell in enumerate(cells, 1):
                _write(sheet, row, at, cell, kind)
    return file.getvalue()


def number_format(form: str, cells: list[Any], named: str = "") -> str:
    """Return the number format of a workbook that writes cells as a format of the screen does, else the named one."""
    if any(isinstance(cell, datetime) for cell in cells):
        return "yyyy-mm-dd hh:mm:ss"
    if any(isinstance(cell, date) for cell in cells):
        return "yyyy-mm-dd"
    if form in ("dollar", "percent"):
        return {"dollar": "$#,##0.00", "percent": "0.0%"}[form]
    if parts := re.fullmatch(r"(.*?)%(?:\.(\d+))?[df](.*)", form):
        before, decimals, after = parts.groups()
        quoted = [f'"{words}"' if words else "" for words in (before, after)]
        return f"{quoted[0]}0{'.' + '0' * int(decimals) if decimals and int(decimals) else ''}{quoted[1]}"
    return named or "General"


def in_zone(frame: pd.DataFrame, zone: ZoneInfo) -> pd.DataFrame:
    """Return the frame with its moments in a zone, also those that are texts of the contract."""
    is_text = {name: is_string_dtype(frame[name].dtype) for name in moments_in(frame)}
    texts = {name: localize(frame[name], zone) for name, is_one in is_text.items() if is_one}
    moments = [str(name) for name, dtype in frame.dtypes.items() if isinstance(dtype, pd.DatetimeTZDtype)]
    return frame.assign(**texts, **{name: frame[name].dt.tz_convert(zone) for name in moments})


def _cell(cell: Any) -> Any:
    """Return a cell for a sheet, which has no time zones: the clock of the zone that a moment is in; a list as text."""
    if isinstance(cell, datetime) and not pd.isna(cell):
        local = cell.replace(tzinfo=None)
        return local if local.year >= EARLIEST_YEAR else local.isoformat()
    return str(cell) if isinstance(cell, list | dict) else cell


def _write(sheet: Any, row: int, at: int, cell: Any, kind: Any) -> None:
    if cell is None or pd.isna(cell):
        return
    if isinstance(cell, bool):
        sheet.write_boolean(row, at, cell)
    elif isinstance(cell, datetime | date):
        sheet.write_datetime(row, at, cell, kind)
    elif isinstance(cell, int | float) and math.isfinite(cell):
        sheet.write_number(row, at, cell, kind)
    else:
        sheet.write_string(row, at, str(cell))


def as_parquet(frame: pd.DataFrame) -> bytes:
    """Return the frame as Parquet."""
    file = io.BytesIO()
    frame.to_parquet(file, index=False)
    return file.getvalue()


def _escaped(cell: Any) -> Any:
    text = _plain(cell)
    return mark_text(text) if isinstance(text, str) else text


def _plain(cell: Any) -> Any:
    """Return a cell for a sheet: a timestamp as RFC 3339, since a workbook has no time zones, a list as text."""
    if isinstance(cell, pd.Timestamp):
        return cell.isoformat()
    return str(cell) if isinstance(cell, list | dict) else cell
