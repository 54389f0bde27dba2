"""The one client of the query API: sends a page's requests at once, and caches responses while they are valid.

A response is valid while the location's feed has received nothing newer, and in any case for a little: a second, or a
three-thousandth of its span up to half a minute, so that what a hundred viewers request is fetched from the server
once and no chart of a day is drawn anew at every event. Where the server fails, the previous response to the same
request is returned, marked stale. A server that cannot be reached then gets no request for PAUSE_S; the same goes for
a location whose rollups are behind, or whose response took too long.
"""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, NamedTuple, cast

from jorge_data.dashboard.query.api_client import SILENCE, ApiClient, NoResponse, SlowResponse
from jorge_data.dashboard.query.cache import Cache
from jorge_data.dashboard.query.requests import SeriesRequest, TableRequest
from jorge_data.dashboard.query.responses import QueryResponse, SeriesResponse, TableResponse, read_series, read_table
from jorge_data.errors import Behind, RequestRefused
from jorge_data.events import Cursor

AT_ONCE = 8
FRESH_S, LONGEST_S = 1.0, 30.0
FRESH_SHARE = 1 / 3000
PAUSE_S = 5.0
ANY_TIME = datetime.max.replace(tzinfo=UTC)

QueryRequest = SeriesRequest | TableRequest


class _Pause(NamedTuple):
    """Until when no request about a location is sent, and the refusal that is raised instead."""

    until: float
    reason: Behind | SlowResponse


class CachedQueryClient:
    """Fetch from the event server through a cache; safe from any thread."""

    def __init__(
        self,
        api: ApiClient,
        position: Callable[[str], Cursor | None],
        clock: Callable[[], float],
        monotonic: Callable[[], float],
    ) -> None:
        self._api, self._clock, self._monotonic = api, clock, monotonic
        self.cache = Cache(position, monotonic)
        self._pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="query")
        # Without a lock, because they matter for moments alone: who reads an old value sends one request more.
        self._silent_until = 0.0
        self._pauses: dict[str, _Pause] = {}  # by location

    def series(self, request: SeriesRequest) -> SeriesResponse:
        """Return the response, a stale one where the server fails; raise RequestRefused where there is none at all."""
        return cast(SeriesResponse, self._cached_response(request))

    def table(self, request: TableRequest) -> TableResponse:
        """Return one page of rows, as `series` does."""
        return cast(TableResponse, self._cached_response(request))

    def fetch(self, requests: Mapping[str, QueryRequest]) -> dict[str, QueryResponse | RequestRefused]:
        """Return each response or its refusal by name; all are sent at once, so they take as long as the slowest."""
        futures = {name: self._pool.submit(self._response_or_refusal, each) for name, each in requests.items()}
        return {name: future.result() for name, future in futures.items()}

    def has_response(self, request: QueryRequest) -> bool:
        """Return whether there is a response to show at once, be it an old one."""
        return self.cache.newest(_cache_key(request)) is not None

    def invalidate(self, location: str) -> None:
        """Fetch again from now on: someone has just published to this location."""
        self.cache.invalidate(location)

    def close(self) -> None:
        """End the threads."""
        self._pool.shutdown(cancel_futures=True)

    def _response_or_refusal(self, request: QueryRequest) -> QueryResponse | RequestRefused:
        try:
            return self._cached_response(request)
        except RequestRefused as refusal:
            return refusal

    def _cached_response(self, request: QueryRequest) -> QueryResponse:
        key = _cache_key(request)
        try:
            return self.cache.response(key, request, request.location, _fresh_s(request), lambda: self._fetch(request))
        except RequestRefused as refusal:
            previous: QueryResponse | None = self.cache.newest(key)
            if previous is None:
                raise
            return previous.as_stale(str(refusal))

    def _fetch(self, request: QueryRequest) -> QueryResponse:
        self._check_pause(request.location, self._monotonic())
        try:
            body: dict[str, Any] = self._api.get(request.path, *request.parameters())
        except (Behind, SlowResponse) as refusal:
            self._pauses[request.location] = _Pause(self._monotonic() + PAUSE_S, refusal)
            raise
        except NoResponse:
            self._silent_until = self._monotonic() + PAUSE_S
            raise
        self._pauses.pop(request.location, None)
        answered_at = datetime.fromtimestamp(self._clock(), UTC)
        try:
            if isinstance(request, SeriesRequest):
                return read_series(body, request, answered_at)
            return read_table(body, answered_at)
        except (LookupError, TypeError, ValueError):
            raise RequestRefused("the event server's answer is not one to this question") from None

    def _check_pause(self, location: str, now: float) -> None:
        """Raise Unavailable for PAUSE_S after the server was silent, or too slow or behind with this location."""
        if now < self._silent_until:
            raise NoResponse(SILENCE)
        pause = self._pauses.get(location)
        if pause is not None and now < pause.until:
            raise type(pause.reason)(str(pause.reason))


def _fresh_s(request: QueryRequest) -> float:
    span = (request.end - request.start).total_seconds() if request.start and request.end else 0.0
    return min(LONGEST_S, max(FRESH_S, span * FRESH_SHARE))


def _cache_key(request: QueryRequest) -> QueryRequest:
    """Return the request without the moments of a span that moves with the clock, open ends left open.

    Responses about a moving span share one cache entry, which the newest of them replaces.
    """
    if not request.period:
        return request
    return replace(request, start=request.start and ANY_TIME, end=request.end and ANY_TIME)
