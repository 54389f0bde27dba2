"""Export of what is shown: files are made when a button is pressed, and are harmless in a spreadsheet.

A cell that a program would run as a formula gets an apostrophe before it in CSV (`spreadsheet`); in XLSX every text is
written as a text, which no program runs.
"""

import io
import re
from collections.abc import Callable
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from jorge_data.dashboard.context import UserContext
from jorge_data.dashboard.login.owned_media import owned_by
from jorge_data.dashboard.query.api_client import ApiClient
from jorge_data.dashboard.ui import navigation
from jorge_data.spreadsheet import mark_text

PARQUET = "application/vnd.apache.parquet"
PAGE, OFFICE = "page", "office"
"""Where the session has which page it draws, by its path, and of which office."""

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def buttons(name: str, key: str, frame: Callable[[], pd.DataFrame], parquet: bool = False) -> None:
    """Draw the buttons; the frame is made when one of them is pressed.

    That somebody takes it along is told to the audit log before: without its entry there is no file.
    """
    formats = [("CSV", "text/csv", as_csv), ("XLSX", XLSX, as_xlsx)]
    if parquet:
        formats.append(("Parquet", PARQUET, as_parquet))
    page, location = st.session_state.get(PAGE, navigation.HOME), st.session_state.get(OFFICE, "")
    told = {"act": "export", "page": page, "part": re.sub(r"[^a-z0-9_-]+", "-", key.lower())[:64], "location": location}
    api = UserContext.current().api_at(location)
    with st.container(horizontal=True, gap="small"):
        for label, mime, write in formats:
            ending = label.lower()
            make = partial(_made, api, told | {"format": ending}, frame, write)
            download(label, make, f"{name}.{ending}", mime, f"{ending}_{key}")


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


def as_csv(frame: pd.DataFrame) -> bytes:
    """Return the frame as CSV in UTF-8, with every cell that could be a formula made a text."""
    safe = frame.map(_escaped).rename(columns=_escaped)
    text: str = safe.to_csv(index=False, lineterminator="\r\n")  # with "\n", a cell that has "\r" is not quoted
    return text.encode("utf-8-sig")


def as_xlsx(frame: pd.DataFrame) -> bytes:
    """Return the frame as a workbook of one sheet: numbers as numbers, all else as text."""
    file = io.BytesIO()
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "in_memory": True}
    with pd.ExcelWriter(file, engine="xlsxwriter", engine_kwargs={"options": options}) as writer:
        frame.map(_plain).to_excel(writer, sheet_name="data", index=False, freeze_panes=(1, 0))
    return file.getvalue()


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
