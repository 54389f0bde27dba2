"""The dashboard's own pages before a real server: their requests, and the time of their responses and scripts."""

import gc
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta

import psutil
from streamlit.testing.v1 import AppTest

from bench.past import END, LOCATION, ZONE
from jorge_data.dashboard.context import AppContext
from jorge_data.dashboard.login.own_token import OwnToken
from jorge_data.dashboard.query.cached_client import QueryRequest
from jorge_data.dashboard.query.requests import SeriesRequest
from jorge_data.errors import RequestRefused
from jorge_data.settings import read_settings
from tests.dashboard.app_context import here
from tests.dashboard.test_pages import visit
from tests.reconciliation.recording_client import RecordingQueries
from tests.served import Served

PAGES = ("qualification", "sequences", "ml", "revenue", "conversations", "properties", "explore", "system")
DAYS = 30
"""The span that a page is opened for; with the period before it, what is asked covers sixty days."""

SPAN = {"range": "Custom", "from": str(END.date() - timedelta(days=DAYS - 1)), "to": str(END.date())}


@dataclass
class Timed:
    """The requests of a page; milliseconds of its warm script, and of all its answers, at each run.

    `cpu` is what a run's answers took of the server's and of the dashboard's processors together: the figure that
    a busy machine disturbs least.
    """

    requests: dict[str, QueryRequest]
    script: list[float]
    data: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)


class Dashboard:
    """The dashboard in this process, reading from a server in its own."""

    def __init__(self, client: RecordingQueries, server: Served) -> None:
        self.client = client
        self._server = psutil.Process(server.process.pid)

    def open(self, path: str, runs: int) -> Timed:
        """Open a page, and run its script again when warm."""
        self.client.begin()
        app = visit(path, location=LOCATION, **SPAN)
        if app.exception:
            raise RuntimeError(f"{path}: {app.exception[0].message}")
        return Timed(dict(self.client.requests), [_timed_script(app) for _ in range(runs)])

    def ask(self, page: Timed, number: int) -> None:
        """Ask a page's questions afresh, and note what that took."""
        before = self._cpu_s()
        page.data.append(self.answers(page.requests, number))
        page.cpu.append((self._cpu_s() - before) * 1000)

    def answers(self, requests: Mapping[str, QueryRequest], number: int) -> float:
        """Return how many milliseconds the answers to questions take that no cache has seen."""
        afresh = {name: moved(each, number) for name, each in requests.items()}
        began = time.perf_counter()
        answers = here().client.fetch(afresh)
        took = (time.perf_counter() - began) * 1000
        for answer in answers.values():
            if isinstance(answer, RequestRefused):
                raise answer
        return took

    def slowest(self, requests: dict[str, QueryRequest]) -> tuple[str, float]:
        """Return which question takes longest by itself, the best of three."""
        alone = {name: min(self.answers({name: each}, n) for n in (91, 92, 93)) for name, each in requests.items()}
        return max(alone.items(), key=lambda pair: pair[1])

    def _cpu_s(self) -> float:
        server = self._server.cpu_times()
        return float(server.user + server.system) + time.process_time()


@contextmanager
def dashboard(server: Served) -> Iterator[Dashboard]:
    """Yield a dashboard that reads from this server and records the requests of its pages."""
    settings = read_settings(
        _env_file=None, demo="0", location=LOCATION, zone=ZONE.key, socket_url=server.url.replace("http", "ws")
    )
    built = AppContext.build(settings, OwnToken(server.token()))
    built.queries.close()
    client = RecordingQueries(built.api, time.time, time.monotonic)
    context = replace(built, queries=client)
    context.make_current()
    gc.freeze()  # as the dashboard does when it has started
    try:
        yield Dashboard(client, server)
    finally:
        gc.unfreeze()
        client.close()
        context.locations.close()


def moved(request: QueryRequest, number: int) -> QueryRequest:
    """Return the same question with an end that is so many quarters of an hour earlier, as it will be requested later.

    One without an end gets one that changes nothing.
    """
    back = timedelta(minutes=15 * number)
    return replace(request, end=(request.end or (request.start or END) + timedelta(days=365)) - back)


def last_day(request: QueryRequest) -> SeriesRequest | None:
    """Return a single figure's question for the last 24 hours, None where a question is not one of a figure."""
    if not isinstance(request, SeriesRequest) or request.by or request.step != "all" or request.start is None:
        return None
    return replace(request, start=END - timedelta(hours=24), end=END)


def _timed_script(app: AppTest) -> float:
    began = time.perf_counter()
    app.run()
    return (time.perf_counter() - began) * 1000
