"""What a page was told: its answers by name, each beside the same figure of the period before."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import wraps
from typing import ParamSpec

import pandas as pd
import streamlit as st

from jorge_data.dashboard.context import AppContext
from jorge_data.dashboard.query.cached_client import Asked
from jorge_data.dashboard.query.drill_links import filled, marks
from jorge_data.dashboard.query.page_query import PageQuery
from jorge_data.dashboard.query.requests import SeriesRequest, TableRequest
from jorge_data.dashboard.query.responses import QueryResponse, SeriesResponse, TableResponse
from jorge_data.dashboard.ui import states
from jorge_data.errors import Behind, RequestRefused

BEFORE = "before "
Of = Callable[[pd.DataFrame], float | None]
P = ParamSpec("P")


@dataclass(frozen=True)
class Metric:
    """One figure: now, in the period before, of how many, of which rows; or why there is none."""

    now: float | None
    before: float | None = None
    n: int | None = None
    rows: TableRequest | None = None
    refusal: RequestRefused | None = None


def value_or_refusal(of: Callable[P, Metric]) -> Callable[P, Metric]:
    """Return a function of a figure that keeps why there is none in the figure, where the function would raise it."""

    @wraps(of)
    def figure(*args: P.args, **kwargs: P.kwargs) -> Metric:
        try:
            return of(*args, **kwargs)
        except RequestRefused as refusal:
            return Metric(None, refusal=refusal)

    return figure


@dataclass(frozen=True)
class PageData:
    """Hold a page's questions and answers; taking one that failed raises why, and the part around it tells."""

    questions: Mapping[str, Asked]
    answers: Mapping[str, QueryResponse | RequestRefused]

    def series(self, name: str) -> SeriesResponse:
        """Return the answer by this name; raise RequestRefused."""
        answer = self._answer(name)
        assert isinstance(answer, SeriesResponse)
        return answer

    def table(self, name: str) -> TableResponse:
        """Return the page of rows by this name; raise RequestRefused."""
        answer = self._answer(name)
        assert isinstance(answer, TableResponse)
        return answer

    def frame(self, name: str) -> pd.DataFrame:
        """Return the answer's frame, with the column `drill`; raise RequestRefused."""
        return self.series(name).once(marks)

    def joined(self, column: str, **names: str) -> pd.DataFrame:
        """Return several answers as one frame, told apart by a column: `joined("line", p50="latency_p50", …)`."""
        return pd.concat([self.frame(name).assign(**{column: word}) for word, name in names.items()], ignore_index=True)

    def before(self, name: str) -> pd.DataFrame | None:
        """Return the frame of the period before, moved onto this one; None where nothing is compared."""
        if BEFORE + name not in self.questions:
            return None
        now, was = self.questions[name], self.questions[BEFORE + name]
        assert isinstance(was, SeriesRequest)
        frame = self.series(BEFORE + name).once(filled)
        if isinstance(now, SeriesRequest) and now.step != "all" and now.start and was.start:
            return frame.assign(t=frame["t"] + (now.start - was.start))
        return frame

    @value_or_refusal
    def figure(self, name: str, of: Of | None = None) -> Metric:
        """Return a figure: the answer's one value, or what `of` makes of its frame; a failure is kept in it."""
        question, answer = self.questions[name], self.series(name)
        assert isinstance(question, SeriesRequest)
        was = self.series(BEFORE + name) if BEFORE + name in self.questions else None
        before = None if was is None else _value(was, of)
        return Metric(_value(answer, of), before, answer.n, question.rows())

    @value_or_refusal
    def total(self, name: str) -> Metric:
        """Return how many rows there are as a figure; a failure is kept in it."""
        rows, total = self.questions[name], self.table(name).total
        assert isinstance(rows, TableRequest)
        return Metric(float(total), n=total, rows=rows)

    @property
    def stale(self) -> QueryResponse | None:
        """Return the oldest of the answers that could not be told anew."""
        old = [answer for answer in self.answers.values() if isinstance(answer, QueryResponse) and answer.stale]
        return min(old, key=lambda answer: answer.told_at, default=None)

    @property
    def behind(self) -> Behind | None:
        """Return why what was committed could not be told yet, None where all is counted."""
        return next((answer for answer in self.answers.values() if isinstance(answer, Behind)), None)

    def _answer(self, name: str) -> QueryResponse:
        answer = self.answers[name]
        if isinstance(answer, RequestRefused):
            raise answer
        return answer


def ask(query: PageQuery, compare: tuple[str, ...] = (), **asked: Asked) -> PageData:
    """Ask all of a page's questions at once, and say so where an answer is an old one.

    Of a single figure, and of each answer named in `compare`, the period before is asked as well,
    unless the viewer has switched the comparison off, or the question is not about a period.
    """
    questions: dict[str, Asked] = dict(asked)
    if query.compare:
        before = query.before
        for name, each in asked.items():
            if isinstance(each, SeriesRequest) and each.start and (name in compare or _is_single(each)):
                questions[BEFORE + name] = replace(each, start=before.start, end=before.end, period=before.moves)
    # Held in any case, so that what follows keeps its place on the page: a chart that moves is drawn anew.
    place = st.empty()
    client = AppContext.current().questions
    if not all(client.holds(each) for each in questions.values()):
        with place.container():
            states.loading()
    page_data = PageData(questions, client.ask(questions))
    place.empty()
    if page_data.stale:
        with place.container():
            _mark(page_data.stale, query)
    elif page_data.behind:
        with place.container():
            states.counting(page_data.behind)
    return page_data


def _is_single(question: SeriesRequest) -> bool:
    return question.step == "all" and not question.by


def _value(answer: SeriesResponse, of: Of | None) -> float | None:
    return answer.value if of is None else of(answer.frame)


def _mark(answer: QueryResponse, query: PageQuery) -> None:
    at = answer.told_at.astimezone(query.zone)
    st.warning(
        f"Stale: the figures on this page are as of {at:%H:%M:%S} on {at.day} {at:%b}.", icon=":material/history:"
    )
    st.text(answer.stale or "")
