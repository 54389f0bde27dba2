"""The one client of the query API: sends a page's requests at once, and caches responses while they are valid.

A response is valid while the location's feed has received nothing newer, and in any case for a little: a second, or a
three-thousandth of its span up to half a minute, so that what a hundred viewers request is fetched from the server
once and no chart of a day is drawn anew at every event. Where the server fails, the previous response to the same
request is returned, marked stale. A server that cannot be reached then gets no request for PAUSE_S; the same goes for
a location whose rollups are behind, or whose response took too long.
"""

from collections.abc import Callable, Hashable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from math import inf
from typing import Any, NamedTuple, Protocol, TypeVar, cast

from jorge_data.dashboard.query.api_client import SILENCE, ApiClient, NoResponse, SlowResponse
from jorge_data.dashboard.query.cache import Cache, Response
from jorge_data.dashboard.query.requests import SeriesRequest, TableRequest
from jorge_data.dashboard.query.responses import QueryResponse, SeriesResponse, TableResponse, read_series, read_table
from jorge_data.errors import Behind, Forbidden, RequestRefused, Unauthenticated
from jorge_data.events import Cursor

AT_ONCE = 8
FRESH_S, LONGEST_S = 1.0, 30.0
FRESH_SHARE = 1 / 3000
PAUSE_S = 5.0
ASIDE_S = 1.0
ANY_TIME = datetime.max.replace(tzinfo=UTC)

QueryRequest = SeriesRequest | TableRequest
Value = TypeVar("Value")


class _Pause(NamedTuple):
    """Until when no request about a location is sent, and the refusal that is raised instead."""

    until: float
    reason: Behind | SlowResponse


class Reader(Protocol):
    """Who asks, at each office: by which rights, with whose token, and how far its log is known to reach."""

    def rights_at(self, location: str) -> Hashable:
        """Return what readers share who get the same answers; raise Forbidden at an office that is not theirs."""

    def token_at(self, location: str) -> str:
        """Return the token to ask with; raise RequestRefused where there is none."""

    def position(self, location: str) -> Cursor | None:
        """Return the end of the office's log, or None where that is unknown."""


class QueryCache:
    """The responses that all readers share, and what fetches them; safe from any thread."""

    def __init__(self, api: ApiClient, clock: Callable[[], float], monotonic: Callable[[], float]) -> None:
        self.api, self.clock, self.monotonic = api, clock, monotonic
        self.responses = Cache(monotonic)
        self.pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="query")
        # Without a lock, because they matter for moments alone: who reads an old value sends one request more.
        self._silent_until = 0.0
        self._pauses: dict[str, _Pause] = {}  # by location
        self._asides: dict[Hashable, Future[Any]] = {}

    def seen_by(self, reader: Reader) -> "CachedQueryClient":
        """Return the client of one reader."""
        return CachedQueryClient(self, reader)

    def aside(self, key: Hashable, fetch: Callable[[], Value], fresh_s: float) -> Value | None:
        """Return what stands beside a page and holds none up: as of `fresh_s` ago, or as it was known last.

        None where nothing is known yet. It is waited for ASIDE_S, and not at all while an earlier request for it is
        without an answer, or the server was silent just now.
        """
        if (kept := self.responses.kept(key, None, fresh_s)) is not None:
            return cast(Value, kept)
        if key not in self._asides and self.monotonic() >= self._silent_until:
            asked = self._asides[key] = self.pool.submit(self._ask_aside, key, fetch, fresh_s)
            asked.add_done_callback(lambda _: self._asides.pop(key, None))
            try:
                return cast(Value, asked.result(ASIDE_S))
            except (TimeoutError, RequestRefused):
                pass
        return cast("Value | None", self.responses.newest(key))

    def _ask_aside(self, key: Hashable, fetch: Callable[[], Value], fresh_s: float) -> Value:
        try:
            return self.responses.computed(key, None, fetch, fresh_s)
        except (NoResponse, SlowResponse):
            self._silent_until = self.monotonic() + PAUSE_S
            raise

    def close(self) -> None:
        """End the threads."""
        self.pool.shutdown(cancel_futures=True)

    def fetch(self, request: QueryRequest, token: Callable[[], str]) -> QueryResponse:
        """Return the event server's response; raise RequestRefused where there is none."""
        self._check_pause(request.location, self.monotonic())
        try:
            body: dict[str, Any] = self.api.by(token).get(request.path, *request.parameters())
        except (Behind, SlowResponse) as refusal:
            self._pauses[request.location] = _Pause(self.monotonic() + PAUSE_S, refusal)
            raise
        except NoResponse:
            self._silent_until = self.monotonic() + PAUSE_S
            raise
        self._pauses.pop(request.location, None)
        answered_at = datetime.fromtimestamp(self.clock(), UTC)
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


class CachedQueryClient:
    """Fetch from the event server through the cache, as one reader; safe from any thread.

    A response is shared by all whose rights at the office are the same, and asked for with the token of whoever comes
    first.
    """

    def __init__(self, shared: QueryCache, reader: Reader) -> None:
        self._shared, self._reader = shared, reader

    def series(self, request: SeriesRequest) -> SeriesResponse:
        """Return the response, a stale one where the server fails; raise RequestRefused where there is none at all."""
        return cast(SeriesResponse, self._cached_response(request))

    def table(self, request: TableRequest) -> TableResponse:
        """Return one page of rows, as `series` does."""
        return cast(TableResponse, self._cached_response(request))

    def fetch(self, requests: Mapping[str, QueryRequest]) -> dict[str, QueryResponse | RequestRefused]:
        """Return each response or its refusal by name; all are sent at once, so they take as long as the slowest.

        For what is here nothing is handed to another thread: each hand-over waits for the interpreter, twice.
        """
        pool, kept = self._shared.pool, {name: self._kept(each) for name, each in requests.items()}
        missing = [name for name, response in kept.items() if response is None]
        futures = {name: pool.submit(self._response_or_refusal, requests[name]) for name in missing}
        return {name: response or futures[name].result() for name, response in kept.items()}

    def has_response(self, request: QueryRequest) -> bool:
        """Return whether there is a response to show at once, be it an old one."""
        return self._shared.responses.newest(self._key(request)) is not None

    def response(
        self, location: str, key: Hashable, version: Hashable, fetch: Callable[[], Response], fresh_s: float
    ) -> Response:
        """Return what is read in several requests, fetched again as `Cache.response` says."""
        mine, log_end = (self._reader.rights_at(location), location, key), self._reader.position(location)
        return self._shared.responses.response(mine, version, location, log_end, fresh_s, fetch)

    def computed(
        self, location: str, key: Hashable, version: Hashable, compute: Callable[[], Value], fresh_s: float = inf
    ) -> Value:
        """Return what is computed of an office's responses, for all who have the same rights there."""
        mine = self._reader.rights_at(location), location, key
        return self._shared.responses.computed(mine, version, compute, fresh_s)

    def aside(self, location: str, key: Hashable, fetch: Callable[[], Value], fresh_s: float) -> Value | None:
        """Return what stands beside a page of an office, as `QueryCache.aside` says."""
        return self._shared.aside((self._reader.rights_at(location), location, key), fetch, fresh_s)

    def invalidate(self, location: str) -> None:
        """Fetch again from now on: someone has just published to this location."""
        self._shared.responses.invalidate(location)

    def _kept(self, request: QueryRequest) -> QueryResponse | None:
        """Return a valid response that is here already; None where there is none, or the reader is refused it."""
        try:
            key, log_end = self._key(request), self._reader.position(request.location)
        except RequestRefused:
            return None
        return cast("QueryResponse | None", self._shared.responses.kept(key, request, _fresh_s(request), log_end))

    def _response_or_refusal(self, request: QueryRequest) -> QueryResponse | RequestRefused:
        try:
            return self._cached_response(request)
        except RequestRefused as refusal:
            return refusal

    def _cached_response(self, request: QueryRequest) -> QueryResponse:
        key, location, cache = self._key(request), request.location, self._shared.responses
        log_end, fresh_s = self._reader.position(location), _fresh_s(request)
        try:
            return cache.response(key, request, location, log_end, fresh_s, lambda: self._fetch(request))
        except (Unauthenticated, Forbidden):  # an old answer is not for who may no longer ask
            raise
        except RequestRefused as refusal:
            previous: QueryResponse | None = cache.newest(key)
            if previous is None:
                raise
            return previous.as_stale(str(refusal))

    def _fetch(self, request: QueryRequest) -> QueryResponse:
        return self._shared.fetch(request, lambda: self._reader.token_at(request.location))

    def _key(self, request: QueryRequest) -> Hashable:
        """Return the request with the reader's rights, but without the moments of a span that moves with the clock.

        Open ends stay open. Responses about a moving span share one cache entry, which the newest of them replaces.
        """
        rights = self._reader.rights_at(request.location)
        if not request.period:
            return rights, request
        moving = replace(request, start=request.start and ANY_TIME, end=request.end and ANY_TIME)
        return rights, moving


def _fresh_s(request: QueryRequest) -> float:
    span = (request.end - request.start).total_seconds() if request.start and request.end else 0.0
    return min(LONGEST_S, max(FRESH_S, span * FRESH_SHARE))
