"""The one client of the query API: asks a page's questions at once, and keeps answers for as long as they hold good.

An answer holds good while the office's feed knows of nothing newer, and in any case for a little: a second, or a
three-thousandth of its span up to half a minute, so that what a hundred viewers ask is asked of the server once and
no chart of a day is drawn anew at every event. Where the server fails, the last answer to the same question is given
again, marked stale. A server that nobody reaches is then left alone for REST_S, and so is an office of which it is
behind, or too slow, to tell.
"""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, NamedTuple, cast

from jorge_data.dashboard.query.api_client import SILENCE, ApiClient, NoAnswer, SlowAnswer
from jorge_data.dashboard.query.cache import Cache
from jorge_data.dashboard.query.requests import SeriesRequest, TableRequest
from jorge_data.dashboard.query.responses import QueryResponse, SeriesResponse, TableResponse, read_series, read_table
from jorge_data.errors import Behind, RequestRefused
from jorge_data.events import Cursor

AT_ONCE = 8
FRESH_S, LONGEST_S = 1.0, 30.0
FRESH_SHARE = 1 / 3000
REST_S = 5.0
ANY_TIME = datetime.max.replace(tzinfo=UTC)

Asked = SeriesRequest | TableRequest


class _Rest(NamedTuple):
    """Until when nothing is asked about a location, and what is said instead."""

    until: float
    reason: Behind | SlowAnswer


class CachedQueryClient:
    """Ask the event server; safe from any thread."""

    def __init__(
        self,
        api: ApiClient,
        position: Callable[[str], Cursor | None],
        clock: Callable[[], float],
        monotonic: Callable[[], float],
    ) -> None:
        self._api, self._clock, self._monotonic = api, clock, monotonic
        self.cache = Cache(position, monotonic)
        self._pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="questions")
        # Words of memory, of the last moments alone: whoever reads an old one asks once more.
        self._silent_until = 0.0
        self._rests: dict[str, _Rest] = {}  # by location

    def series(self, question: SeriesRequest) -> SeriesResponse:
        """Return the answer, stale where the server fails; raise RequestRefused where there never was one."""
        return cast(SeriesResponse, self._answer(question))

    def table(self, rows: TableRequest) -> TableResponse:
        """Return one page of rows, as `series` does."""
        return cast(TableResponse, self._answer(rows))

    def ask(self, asked: Mapping[str, Asked]) -> dict[str, QueryResponse | RequestRefused]:
        """Return every answer, or why there is none; all are asked at once, so they take as long as the slowest."""
        tasks = {name: self._pool.submit(self._told, each) for name, each in asked.items()}
        return {name: task.result() for name, task in tasks.items()}

    def holds(self, asked: Asked) -> bool:
        """Say whether there is any answer to show at once, be it an old one."""
        return self.cache.newest(_timeless(asked)) is not None

    def forget(self, location: str) -> None:
        """Ask anew from now on: someone has just published to this office."""
        self.cache.outdate(location)

    def close(self) -> None:
        """Let the threads go."""
        self._pool.shutdown(cancel_futures=True)

    def _told(self, asked: Asked) -> QueryResponse | RequestRefused:
        try:
            return self._answer(asked)
        except RequestRefused as refusal:
            return refusal

    def _answer(self, asked: Asked) -> QueryResponse:
        key = _timeless(asked)
        try:
            return self.cache.answer(key, asked, asked.location, _fresh_s(asked), lambda: self._ask(asked))
        except RequestRefused as refusal:
            old: QueryResponse | None = self.cache.newest(key)
            if old is None:
                raise
            return old.aged(str(refusal))

    def _ask(self, asked: Asked) -> QueryResponse:
        self._check_rest(asked.location, self._monotonic())
        try:
            said: dict[str, Any] = self._api.get(asked.path, *asked.parameters())
        except (Behind, SlowAnswer) as refusal:
            self._rests[asked.location] = _Rest(self._monotonic() + REST_S, refusal)
            raise
        except NoAnswer:
            self._silent_until = self._monotonic() + REST_S
            raise
        self._rests.pop(asked.location, None)
        return _read(said, asked, datetime.fromtimestamp(self._clock(), UTC))

    def _check_rest(self, location: str, now: float) -> None:
        """Raise Unavailable for a little after the server was silent, or too slow or behind with this location."""
        if now < self._silent_until:
            raise NoAnswer(SILENCE)
        rest = self._rests.get(location)
        if rest is not None and now < rest.until:
            raise type(rest.reason)(str(rest.reason))


def _fresh_s(asked: Asked) -> float:
    span = (asked.end - asked.start).total_seconds() if asked.start and asked.end else 0.0
    return min(LONGEST_S, max(FRESH_S, span * FRESH_SHARE))


def _read(said: dict[str, Any], asked: Asked, told_at: datetime) -> QueryResponse:
    try:
        return read_series(said, asked, told_at) if isinstance(asked, SeriesRequest) else read_table(said, told_at)
    except (LookupError, TypeError, ValueError):
        raise RequestRefused("the event server's answer is not one to this question") from None


def _timeless(asked: Asked) -> Asked:
    """Return the question without the moments of a span that moves with the clock, open ends left open.

    It is the key of its answer: of a span that moves, the newest answer alone is asked for again.
    """
    if not asked.period:
        return asked
    return replace(asked, start=asked.start and ANY_TIME, end=asked.end and ANY_TIME)
