"""A page's data: its responses by name, and figures beside those of the period before."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import wraps
from typing import ParamSpec

import pandas as pd
import streamlit as st

from jorge_data.dashboard.context import UserContext
from jorge_data.dashboard.query.cached_client import QueryRequest
from jorge_data.dashboard.query.page_query import PageQuery
from jorge_data.dashboard.query.requests import SeriesRequest, TableRequest
from jorge_data.dashboard.query.responses import (
    QueryResponse,
    SeriesResponse,
    TableResponse,
    with_drill_links,
    with_empty_buckets,
)
from jorge_data.dashboard.ui import filters, paper, states
from jorge_data.errors import Behind, RequestRefused
from jorge_data.metrics.formatting import write_clock, write_day

BEFORE = "before "
ValueOf = Callable[[pd.DataFrame], float | None]
P = ParamSpec("P")


@dataclass(frozen=True)
class Metric:
    """One figure: its value now and in the period before, its facts, the request for its rows; or a refusal.

    `at_least`: the value is no less than this, and may be more. `since`: it is of this moment, and `before` is what it
    was then. `not_by` names the filters that do not narrow it:
    `value_or_refusal` knows them.
    """

    now: float | None
    before: float | None = None
    n: int | None = None
    rows: TableRequest | None = None
    refusal: RequestRefused | None = None
    at_least: bool = False
    since: datetime | None = None
    not_by: tuple[str, ...] = ()


def value_or_refusal(of: Callable[P, Metric]) -> Callable[P, Metric]:
    """Decorate a function that returns a Metric: a RequestRefused that it raises becomes the Metric's `refusal`.

    What the function reads of a page's data makes `not_by`.
    """

    @wraps(of)
    def figure(*args: P.args, **kwargs: P.kwargs) -> Metric:
        with filters.noted() as names:
            try:
                metric = of(*args, **kwargs)
            except RequestRefused as refusal:
                metric = Metric(None, refusal=refusal)
        filters.note(names)
        return replace(metric, not_by=tuple(names))

    return figure


@dataclass(frozen=True)
class PageData:
    """Hold a page's requests and responses; reading one that failed raises its refusal, which the page's part shows.

    `not_by` names the filters that do not narrow a request: whoever reads its response says so on the page.
    """

    requests: Mapping[str, QueryRequest]
    responses: Mapping[str, QueryResponse | RequestRefused]
    not_by: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def series(self, name: str) -> SeriesResponse:
        """Return the response of this name; raise RequestRefused."""
        response = self._read(name)
        assert isinstance(response, SeriesResponse)
        return response

    def table(self, name: str) -> TableResponse:
        """Return the page of rows of this name; raise RequestRefused."""
        response = self._read(name)
        assert isinstance(response, TableResponse)
        return response

    def _read(self, name: str) -> QueryResponse:
        filters.note(self.not_by.get(name, ()))
        response = self.responses[name]
        if isinstance(response, RequestRefused):
            raise response
        return response

    def frame(self, name: str) -> pd.DataFrame:
        """Return the response's frame, with the column `drill`; raise RequestRefused."""
        return self.series(name).derived(with_drill_links)

    def joined(self, column: str, **names: str) -> pd.DataFrame:
        """Return several frames as one, distinguished by a column: `joined("line", p50="latency_p50", …)`."""
        return pd.concat([self.frame(name).assign(**{column: word}) for word, name in names.items()], ignore_index=True)

    def before(self, name: str) -> pd.DataFrame | None:
        """Return the frame of the period before, moved onto this one; None where nothing is compared."""
        if BEFORE + name not in self.requests:
            return None
        now, earlier = self.requests[name], self.requests[BEFORE + name]
        assert isinstance(earlier, SeriesRequest)
        frame = self.series(BEFORE + name).derived(with_empty_buckets)
        if isinstance(now, SeriesRequest) and now.step != "all" and now.start and earlier.start:
            return frame.assign(t=frame["t"] + (now.start - earlier.start))
        return frame

    def beside(self, name: str) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Return a response's frame and that of the period before, empty where nothing is compared."""
        now = self.series(name).frame
        return now, self.series(BEFORE + name).frame if BEFORE + name in self.requests else now.iloc[:0]

    @value_or_refusal
    def figure(self, name: str, of: ValueOf | None = None) -> Metric:
        """Return a figure: the response's one value, or what `of` computes of its frame; or its refusal."""
        request, response = self.requests[name], self.series(name)
        assert isinstance(request, SeriesRequest)
        before = _value(self.series(BEFORE + name), of) if BEFORE + name in self.requests else None
        return Metric(_value(response, of), before, response.n, request.rows())

    @value_or_refusal
    def total(self, name: str) -> Metric:
        """Return how many rows there are as a figure; or its refusal."""
        rows, total = self.requests[name], self.table(name).total
        assert isinstance(rows, TableRequest)
        return Metric(float(total), n=total, rows=rows)

    @property
    def stale(self) -> QueryResponse | None:
        """Return the oldest of the stale responses, None where all are current."""
        stale = [each for each in self.responses.values() if isinstance(each, QueryResponse) and each.stale]
        return min(stale, key=lambda response: response.answered_at, default=None)

    @property
    def left_out(self) -> list[str]:
        """Return the files of the archive that some response lacks."""
        responses = (each for each in self.responses.values() if isinstance(each, QueryResponse))
        return sorted({name for each in responses for name in each.left_out})

    @property
    def behind(self) -> Behind | None:
        """Return the refusal of a request whose rollups are behind the log, None where none are."""
        return next((each for each in self.responses.values() if isinstance(each, Behind)), None)


def fetch_page_data(query: PageQuery, compare: tuple[str, ...] = (), **current: QueryRequest) -> PageData:
    """Fetch all of a page's data at once, and draw a warning where some of it is old.

    For a single figure, and for each series named in `compare`, the period before is fetched as well,
    unless the viewer has switched the comparison off, or the request is not about a period.
    """
    requests: dict[str, QueryRequest] = dict(current)
    if query.compare:
        before = query.before
        for name, each in current.items():
            is_figure = isinstance(each, SeriesRequest) and each.step == "all" and not each.by
            if isinstance(each, SeriesRequest) and each.start and each.end and (name in compare or is_figure):
                requests[BEFORE + name] = replace(each, start=before.start, end=before.end, period=before.moving_period)
    # Drawn in any case, so that what follows stays where it is on the page: a chart that moves is drawn anew.
    message = st.empty()
    client = UserContext.current().client
    if not all(client.has_response(each) for each in requests.values()):
        with message.container():
            states.loading()
    not_by = {name: query.not_by(each) for name, each in requests.items()}
    page_data = PageData(requests, client.fetch(requests), not_by)
    paper.note(each for each in page_data.responses.values() if isinstance(each, QueryResponse))
    message.empty()
    if page_data.stale:
        with message.container():
            _warn_of_stale(page_data.stale, query)
    elif page_data.behind:
        with message.container():
            states.counting(page_data.behind)
    elif page_data.left_out:
        with message.container():
            states.incomplete(page_data.left_out)
    return page_data


def _value(response: SeriesResponse, of: ValueOf | None) -> float | None:
    return response.value if of is None else of(response.frame)


def _warn_of_stale(response: QueryResponse, query: PageQuery) -> None:
    at = response.answered_at.astimezone(query.zone)
    as_of = f"{write_clock(at, seconds=True)} on {write_day(at)}"
    st.warning(f"Stale: the figures on this page are as of {as_of}.", icon=":material/history:")
    st.text(response.stale or "")
