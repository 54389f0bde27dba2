"""The one client of the query API: asks a page's questions at once, and keeps answers for as long as they hold good.

An answer holds good while the office's feed knows of nothing newer, and in any case for a little: a second, or a
three-thousandth of its span up to half a minute, so that what a hundred viewers ask is asked of the server once and
no chart of a day is drawn anew at every event. Where the server fails, the last answer to the same question is given
again, marked stale. A server that nobody reaches is then left alone for REST_S, and so is an office of which it is
behind, or too slow, to tell.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, NamedTuple, cast

from jorge_data.errors import Behind, RequestRefused
from jorge_data.events import Cursor
from jorge_data.live.api import SILENCE, Api, Silent, Slow
from jorge_data.live.question import Question, Rows
from jorge_data.live.series import Answer, Series, Table, read_series, read_table

AT_ONCE = 8
MOST = 400
"""Answers kept; the one unasked for longest gives way."""
FRESH_S, LONGEST_S = 1.0, 30.0
FRESH_SHARE = 1 / 3000
REST_S = 5.0
ANY_TIME = datetime.max.replace(tzinfo=UTC)

Asked = Question | Rows


@dataclass
class _Kept:
    answer: Answer
    asked_at: float


class _Rest(NamedTuple):
    """Until when nothing is asked about a location, and what is said instead."""

    until: float
    reason: Behind | Slow


@dataclass
class _Shelf:
    """Answers by question, the newest last; bounded."""

    kept: OrderedDict[Asked, _Kept] = field(default_factory=OrderedDict)

    def put(self, asked: Asked, kept: _Kept) -> None:
        self.kept[asked] = kept
        self.kept.move_to_end(asked)
        while len(self.kept) > MOST:
            self.kept.popitem(last=False)

    def get(self, asked: Asked) -> _Kept | None:
        if asked in self.kept:
            self.kept.move_to_end(asked)
        return self.kept.get(asked)


class Questions:
    """Ask the event server; safe from any thread."""

    def __init__(
        self,
        api: Api,
        position: Callable[[str], Cursor | None],
        clock: Callable[[], float],
        monotonic: Callable[[], float],
    ) -> None:
        self._api, self._position, self._clock, self._monotonic = api, position, clock, monotonic
        self._pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="questions")
        self._lock = threading.Lock()  # guards the three below
        self._shelf = _Shelf()
        self._last = _Shelf()  # by questions without their moments, for when the server fails
        self._under_way: dict[Asked, Future[Answer]] = {}
        # Words of memory, of the last moments alone: whoever reads an old one asks once more.
        self._silent_until = 0.0
        self._rests: dict[str, _Rest] = {}  # by location

    def series(self, question: Question) -> Series:
        """Return the answer, stale where the server fails; raise RequestRefused where there never was one."""
        return cast(Series, self._answer(question))

    def table(self, rows: Rows) -> Table:
        """Return one page of rows, as `series` does."""
        return cast(Table, self._answer(rows))

    def ask(self, asked: Mapping[str, Asked]) -> dict[str, Answer | RequestRefused]:
        """Return every answer, or why there is none; all are asked at once, so they take as long as the slowest."""
        tasks = {name: self._pool.submit(self._told, each) for name, each in asked.items()}
        return {name: task.result() for name, task in tasks.items()}

    def holds(self, asked: Asked) -> bool:
        """Say whether there is any answer to show at once, be it an old one."""
        with self._lock:
            return self._last.get(_timeless(asked)) is not None

    def forget(self, location: str) -> None:
        """Ask anew from now on: someone has just published to this office."""
        with self._lock:
            for asked in [asked for asked in self._shelf.kept if asked.location == location]:
                del self._shelf.kept[asked]

    def close(self) -> None:
        """Let the threads go."""
        self._pool.shutdown(cancel_futures=True)

    def _told(self, asked: Asked) -> Answer | RequestRefused:
        try:
            return self._answer(asked)
        except RequestRefused as refusal:
            return refusal

    def _answer(self, asked: Asked) -> Answer:
        position = self._position(asked.location)
        with self._lock:
            kept = self._shelf.get(asked)
            if kept is not None and self._holds_good(asked, kept, position):
                return kept.answer
            task, mine = self._under_way.get(asked), False
            if task is None:
                task, mine = self._under_way.setdefault(asked, Future()), True
        return self._fetch(asked, task) if mine else task.result()

    def _holds_good(self, asked: Asked, kept: _Kept, position: Cursor | None) -> bool:
        told = kept.answer.position
        known = position is not None and told.epoch == position.epoch and told.seq >= position.seq
        return known or self._monotonic() - kept.asked_at < _fresh_s(asked)

    def _fetch(self, asked: Asked, task: Future[Answer]) -> Answer:
        """Ask the server, for everybody who wants to know this now."""
        with self._settling(asked, task):
            try:
                answer = self._ask(asked)
            except RequestRefused as refusal:
                answer = self._old(asked, refusal)
            task.set_result(answer)
        return task.result()

    @contextmanager
    def _settling(self, asked: Asked, task: Future[Answer]) -> Iterator[None]:
        try:
            yield
        except BaseException as error:
            task.set_exception(error)
            raise
        finally:
            with self._lock:
                del self._under_way[asked]

    def _ask(self, asked: Asked) -> Answer:
        asked_at = self._monotonic()
        self._check_rest(asked.location, asked_at)
        try:
            said: dict[str, Any] = self._api.get(asked.path, *asked.parameters())
        except (Behind, Slow) as refusal:
            self._rests[asked.location] = _Rest(self._monotonic() + REST_S, refusal)
            raise
        except Silent:
            self._silent_until = self._monotonic() + REST_S
            raise
        self._rests.pop(asked.location, None)
        answer = _read(said, asked, datetime.fromtimestamp(self._clock(), UTC))
        with self._lock:
            self._shelf.put(asked, _Kept(answer, asked_at))
            self._last.put(_timeless(asked), _Kept(answer, asked_at))
        return answer

    def _check_rest(self, location: str, now: float) -> None:
        """Raise Unavailable for a little after the server was silent, or too slow or behind with this location."""
        if now < self._silent_until:
            raise Silent(SILENCE)
        rest = self._rests.get(location)
        if rest is not None and now < rest.until:
            raise type(rest.reason)(str(rest.reason))

    def _old(self, asked: Asked, refusal: RequestRefused) -> Answer:
        with self._lock:
            kept = self._last.get(_timeless(asked))
        if kept is None:
            raise refusal
        return kept.answer.aged(str(refusal))


def _fresh_s(asked: Asked) -> float:
    span = (asked.end - asked.start).total_seconds() if asked.start and asked.end else 0.0
    return min(LONGEST_S, max(FRESH_S, span * FRESH_SHARE))


def _read(said: dict[str, Any], asked: Asked, told_at: datetime) -> Answer:
    try:
        return read_series(said, asked, told_at) if isinstance(asked, Question) else read_table(said, told_at)
    except (LookupError, TypeError, ValueError):
        raise RequestRefused("the event server's answer is not one to this question") from None


def _timeless(asked: Asked) -> Asked:
    """Return the question without the moments of a span that moves with the clock, open ends left open."""
    if not asked.period:
        return asked
    return replace(asked, start=asked.start and ANY_TIME, end=asked.end and ANY_TIME)
