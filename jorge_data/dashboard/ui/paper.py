"""What stands on a printed page instead of the controls: the page, the office, the period, and as of when it is.

The browser of whoever looks prints it, or writes the PDF: it has the page already, drawn, in its person's role and with
its filters. A PDF that a server makes would need a Chromium on every customer's machine, or a second drawing of every
chart that is not the one on the screen.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import streamlit as st

from jorge_data.dashboard.context import UserContext
from jorge_data.dashboard.query.page_query import PageQuery
from jorge_data.dashboard.query.responses import QueryResponse
from jorge_data.dashboard.ui import export, navigation
from jorge_data.metrics.formatting import joined, write_date, write_moment

_read: ContextVar[list[QueryResponse] | None] = ContextVar("read", default=None)


def note(responses: Iterable[QueryResponse]) -> None:
    """Note the responses that the page is drawn from: its paper says as of which position they are."""
    read = _read.get()
    if read is not None:
        read.extend(responses)


@contextmanager
def head(query: PageQuery) -> Iterator[None]:
    """Draw, above what is drawn within, the lines that are seen on paper alone."""
    st.session_state[export.PERIOD] = query.dates
    lines, read = st.container(key="paper", gap=None), list[QueryResponse]()
    token = _read.set(read)
    try:
        yield
    finally:
        _read.reset(token)
    about = joined(*(each.words for each in query.filters if each.values))
    oldest = min(read, key=lambda each: each.answered_at, default=None)
    _draw(lines, query.location, query.dates, about, query.zone, oldest)


def head_of_now(location: str, zone: ZoneInfo) -> None:
    """Draw the lines of a page that shows what is now, and no period."""
    st.session_state[export.PERIOD] = write_date(datetime.now(zone))
    _draw(st.container(key="paper", gap=None), location, "", "", zone, None)


def _draw(lines: Any, location: str, dates: str, about: str, zone: ZoneInfo, oldest: QueryResponse | None) -> None:
    feed = UserContext.current().locations.feed(location).status.cursor
    at = (oldest.answered_at if oldest else datetime.now(UTC)).astimezone(zone)
    position = oldest.position if oldest else feed
    path = st.session_state.get(export.PAGE, navigation.HOME)
    is_contact = path == "conversations" and "contact" in st.query_params
    title = "Contact" if is_contact else navigation.entry_at(path).title
    as_of = f"as of {write_moment(at, year=True)} ({zone.key})"
    with lines:
        st.text(joined(title, location, dates))
        st.text(joined(about, as_of, f"position {position}" if position else ""))
