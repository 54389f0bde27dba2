"""The dashboard whose figures are reconciled, with its server and its exported events."""

import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from html import unescape
from pathlib import Path

from streamlit.testing.v1 import AppTest

from jorge_data.bots import Client
from jorge_data.dashboard.context import AppContext
from jorge_data.dashboard.login.own_token import OwnToken
from jorge_data.dashboard.query.cached_client import CachedQueryClient
from jorge_data.dashboard.query.page_query import PageQuery, page_query_for
from jorge_data.dashboard.ui.page_data import BEFORE, PageData
from jorge_data.dashboard.ui.shell import SCOPE
from jorge_data.settings import read_settings
from tests.dashboard.app_context import here
from tests.dashboard.test_pages import visit
from tests.reconciliation.deliveries import NOW, RATES, ZONE, Json, deliveries
from tests.reconciliation.raw_events import RawEvents
from tests.reconciliation.recording_client import RecordingQueries
from tests.served import Served

LOCATION = "default"

Days = tuple[date, date]
"""The first and the last day of a page, both included."""

Span = dict[str, datetime]
"""The half-open period of a recount, as `RawEvents` takes it."""


@dataclass(frozen=True)
class Page:
    """A page that was opened for a span of days: its query, its responses, its tiles and its titles as they read."""

    query: PageQuery
    page_data: PageData
    tiles: dict[str, str]
    titles: dict[str, str]

    @property
    def span(self) -> Span:
        """Return the period, as a recount takes it."""
        return {"start": self.query.start, "end": self.query.end}

    def sides(self) -> Iterator[tuple[str, Span]]:
        """Yield the period and the one before it, each with the prefix of its responses' names."""
        before = self.query.before
        yield "", self.span
        yield BEFORE, {"start": before.start, "end": before.end}


@dataclass(frozen=True, eq=False)
class Dashboard:
    """The dashboard of a server that holds the deliveries; its clock stands at NOW."""

    server: Served
    context: AppContext
    queries: RecordingQueries
    raw: RawEvents
    delivered: list[Json]
    refused: int
    duplicates: int

    pages: dict[tuple[str, Days], Page] = field(default_factory=dict)

    @property
    def client(self) -> CachedQueryClient:
        """The client of its one user."""
        return here(self.context).client

    def page(self, path: str, days: Days) -> Page:
        """Return what a page shows for whole days; it is opened once."""
        if (path, days) not in self.pages:
            self.pages[path, days] = self._open(path, days)
        return self.pages[path, days]

    def _open(self, path: str, days: Days) -> Page:
        """Open a page as a link does."""
        self.queries.begin()
        first, last = (day.isoformat() for day in days)
        span = {"range": "Custom", "from": first, "to": last}
        app = visit(path, location=LOCATION, **span)
        assert not app.exception
        query = page_query_for(app.session_state[SCOPE], datetime.now(UTC), ZONE)
        return Page(query, self.queries.page_data, _tiles(app), _titles(app))


@contextmanager
def serve_dashboard(folder: Path) -> Iterator[Dashboard]:
    """Publish all deliveries to a real server, export its events, and build a dashboard that reads from it."""
    delivered = deliveries()
    with Served(folder, JORGE_COMMISSION_RATES=RATES, JORGE_ZONE=ZONE.key) as server:
        with Client(server.url, server.token("publisher")) as publisher:
            receipts = publisher.publish(delivered)
        refused = sum(receipt.error is not None for receipt in receipts)
        raw = RawEvents(_export(server, folder / "export.ndjson"))
        context, client = _build_context(server)
        twice = sum(receipt.duplicate for receipt in receipts)
        yield Dashboard(server, context, client, raw, delivered, refused, twice)
        raw.close()
        client.close()
        context.locations.close()


def _export(server: Served, path: Path) -> Path:
    """Export as a user does: by the command."""
    command = [sys.executable, "-m", "jorge_data", "export", str(path), "--location", LOCATION]
    environment = {**server.environment, "JORGE_SOCKET_URL": server.url.replace("http", "ws")}
    subprocess.run(command, env=environment, cwd=server.folder, check=True, capture_output=True, timeout=120)
    return path


def _build_context(server: Served) -> tuple[AppContext, RecordingQueries]:
    settings = read_settings(
        _env_file=None,
        demo="0",
        location=LOCATION,
        zone=ZONE.key,
        commission_rates=RATES,
        socket_url=server.url.replace("http", "ws"),
    )
    built = AppContext.build(settings, OwnToken(server.token()))
    built.queries.close()
    client = RecordingQueries(built.api, NOW.timestamp, time.monotonic)
    context = replace(built, queries=client)
    context.make_current()
    return context, client


def _tiles(app: AppTest) -> dict[str, str]:
    return {metric.label: metric.value for metric in app.metric}


def _titles(app: AppTest) -> dict[str, str]:
    """Return the title of each chart, by its key, as it is drawn."""
    titles = {}
    for chart in app.get("plotly_chart"):
        key = re.search(r"-chart_(\w+)_\d+$", chart.proto.id)
        assert key, chart.proto.id
        title = json.loads(chart.proto.spec)["layout"]["title"]["text"]
        titles[key[1]] = unescape(title.partition("<br>")[0])
    return titles
