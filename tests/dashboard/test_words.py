"""What pages and drawers say to a realtor: over the demo's office none shows a raw name, a raw date or a jargon word.

Left out are the lines to paste of Connect and Explore, which have to be as they are.
"""

import json
import re
from collections.abc import Iterator
from datetime import datetime
from itertools import takewhile
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
import pyarrow as pa
import pytest
from streamlit.testing.v1 import AppTest

from jorge_data.dashboard.query.requests import TableRequest
from jorge_data.dashboard.ui.navigation import ENTRIES, HOME
from jorge_data.demo.calendar import Calendar
from jorge_data.demo.day import days
from jorge_data.demo.history import HistoryId
from jorge_data.metrics.statistics.forecast import METHOD
from jorge_data.permissions import KINDS
from tests.dashboard.app_context import context_before
from tests.dashboard.test_pages import visit
from tests.served import Served

OFFICE, SEED, DAYS = "words", 7, 3
RAW = {
    "a raw name": re.compile(r"(?<![\w/@.-])[a-z]+(_[a-z0-9]+)+(?![\w@])"),
    "a raw date": re.compile(r"\d{4}-\d\d-\d\d(?!=)"),  # a setting is given some by day: "2026-07-01=0.055"
    "a jargon word": re.compile(r"\b(PSI|Kaplan|P10|P50|P90|p50|p95|p99|FRS|PCS|ECE|NaT|censored|payload)\b"),
    "a share without its space": re.compile(r"\d%"),
    "a long duration in milliseconds": re.compile(r"\d,\d{3} ms|\d{4,} ms"),
    "more than one of one": re.compile(r"(?<![\d.,])1 (events|sellers|contacts|labels|deals|alerts|calls|reports)\b"),
}
"""What is said nowhere."""
EMAIL = re.compile(r"[\w.+-]+@[\w.-]+")
"""Somebody's own address, which may read as a name of ours."""
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT[\d:.+-]+")
"""Where a mark stands on an axis of time, which the axis writes in its own way."""
EXPLAINED = frozenset({METHOD})


@pytest.fixture(scope="module", autouse=True)
def _office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The demo's last DAYS days, up to now, on a server of its own: offices of other tests have raw names."""
    calendar = Calendar(datetime.now(ZoneInfo("America/Chicago")))
    stream = days(HistoryId(SEED, calendar.zero), calendar, back=DAYS)
    past = takewhile(lambda timed: timed[0] < calendar.past_s, stream)
    events = [{**event, "locationid": OFFICE, "time": calendar.at(at).isoformat()} for at, event in past]
    with Served(tmp_path_factory.mktemp("words")) as served:
        for first in range(0, len(events), 500):
            assert served.post(events[first : first + 500]).status_code == 200
        with context_before(served, location=OFFICE):
            yield


@pytest.mark.parametrize("path", [entry.path for entry in ENTRIES])
def test_a_page_says_nothing_that_only_its_builders_understand(path: str) -> None:
    app = visit("" if path == HOME else path, range="7 d")
    assert len(set(said(app))) > 10
    assert not (found := unclear(app)), "\n".join(found)


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_drawer_says_nothing_that_only_its_builders_understand(kind: str) -> None:
    app = visit("system", details="false", drill=TableRequest(OFFICE, kind).token())
    assert not (found := unclear(app)), "\n".join(found)


def unclear(app: AppTest) -> list[str]:
    """Return what a page shows that it should not, with the reason."""
    assert not app.exception
    texts = {text for text in said(app) if text} - EXPLAINED
    found = [
        f"{why}: {text}"
        for why, pattern in RAW.items()
        for text in sorted(texts)
        if pattern.search(EMAIL.sub("", text))
    ]
    return found + [f"a small heading: {name}" for name in headings(app) if name[0].islower()]


def said(app: AppTest) -> Iterator[str]:
    """Yield whatever a page shows as text: its words, tiles, buttons, charts and tables."""
    for kind in ("text", "caption", "markdown", "error", "info", "warning", "title", "header", "subheader"):
        yield from (str(getattr(each, "value", "")) for each in app.get(kind))
    for tile in app.metric:
        yield from (tile.label, tile.value, tile.delta, tile.proto.help)
    for control in (*app.button, *app.toggle, *app.multiselect, *app.selectbox, *app.text_input):
        yield control.label
    for choice in (*app.multiselect, *app.selectbox):
        yield from choice.options
    for chart in app.get("plotly_chart"):
        yield from _of_chart(json.loads(chart.proto.spec))
    for table in app.dataframe:
        yield from _of_table(table.proto)


def _of_chart(spec: dict[str, Any]) -> Iterator[str]:
    layout = spec["layout"]
    yield layout["title"]["text"]
    yield from (note.get("text", "") for note in layout.get("annotations", []))
    for axis in ("xaxis", "yaxis"):
        yield from map(str, layout.get(axis, {}).get("ticktext", []))
        yield str(layout.get(axis, {}).get("title", {}).get("text", ""))
    for trace in spec["data"]:
        yield from (trace.get("name") or "", trace.get("hovertemplate") or "")
        for part in ("x", "y", "text", "hovertext"):
            values = trace.get(part)
            texts = [each for each in values if isinstance(each, str)] if isinstance(values, list) else []
            yield from (each for each in texts if not MOMENT.fullmatch(each))


def _of_table(table: Any) -> Iterator[str]:
    """Yield the titles and the cells of the columns that a table shows."""
    columns, display = json.loads(table.columns or "{}"), _cells(table)
    yield from _headings(table)
    for name in table.column_order or display.columns:
        if name in display and columns.get(str(name), {}).get("type_config", {}).get("type") != "progress":
            yield from map(str, display[name])


def _cells(table: Any) -> pd.DataFrame:
    display = pa.ipc.open_stream(table.arrow_data.styler.display_values).read_all().to_pandas()
    assert isinstance(display, pd.DataFrame)
    return display


def headings(app: AppTest) -> list[str]:
    """Return the titles of the columns of all tables."""
    return [name for table in app.dataframe for name in _headings(table.proto)]


def _headings(table: Any) -> Iterator[str]:
    columns = json.loads(table.columns or "{}")
    for name in table.column_order or _cells(table).columns:
        yield str(columns.get(str(name), {}).get("label") or name)
