"""The client of the query API: what it asks anew, what it gives again, and what it does while the server fails."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from jorge_data.dashboard.query import api_client
from jorge_data.dashboard.query.api_client import ApiClient
from jorge_data.dashboard.query.cached_client import FRESH_S, LONGEST_S, REST_S, CachedQueryClient
from jorge_data.dashboard.query.requests import SeriesRequest, TableRequest, among, equals
from jorge_data.errors import RequestRefused
from jorge_data.events import Cursor
from tests.dashboard.oracle import Oracle, Pairs, series, table

NOON = datetime(2026, 11, 23, 18, tzinfo=UTC)
HOUR = timedelta(hours=1)
QUESTION = SeriesRequest("home", "property_alert", start=NOON - HOUR, end=NOON, period="1 h")


class World:
    """A client before an oracle, with a clock and a feed that stand where the test puts them."""

    def __init__(self) -> None:
        self.oracle = Oracle(lambda path, pairs: series([None, 7.0, 7]))
        self.now = 0.0
        self.position: Cursor | None = Cursor("e1", 1)
        self.questions = CachedQueryClient(
            ApiClient(self.oracle.endpoint), lambda location: self.position, NOON.timestamp, lambda: self.now
        )

    def later(self, seconds: float = FRESH_S + REST_S) -> None:
        self.now += seconds


@pytest.fixture
def world() -> Iterator[World]:
    world = World()
    with world.oracle:
        yield world
    world.questions.close()


def test_a_figure_is_the_servers(world: World) -> None:
    page_data = world.questions.series(replace(QUESTION, where=(equals("alert_type", "other"), among("source", "ab"))))
    assert (page_data.value, page_data.n, page_data.position, page_data.stale) == (7.0, 7, Cursor("e1", 1), None)
    path, pairs = world.oracle.asked[0]
    assert path == "/api/series"
    assert [value for name, value in pairs if name == "where"] == ["alert_type:eq:other", "source:in:a,b"]
    assert ("from", "2026-11-23T17:00:00Z") in pairs
    assert "period" not in dict(pairs)


def test_no_rows_are_no_data_and_not_zero(world: World) -> None:
    world.oracle.answer = lambda path, pairs: series()
    assert world.questions.series(QUESTION).value is None


def test_moments_are_in_the_zone_that_was_asked_for(world: World) -> None:
    world.oracle.answer = lambda path, pairs: series(["2026-11-23T00:00:00-06:00", 7, 7])
    frame = world.questions.series(replace(QUESTION, step="1d", zone="America/Chicago")).frame
    assert str(frame["t"].iloc[0]) == "2026-11-23 00:00:00-06:00"


def test_an_answer_holds_good_while_nothing_newer_is_known(world: World) -> None:
    for _ in range(3):
        world.questions.series(QUESTION)
        world.later()
    assert len(world.oracle.asked) == 1


def test_a_new_event_makes_it_ask_anew(world: World) -> None:
    world.questions.series(QUESTION)
    world.position = Cursor("e1", 2)
    world.later()
    world.questions.series(QUESTION)
    assert len(world.oracle.asked) == 2


def test_a_new_life_of_the_log_makes_it_ask_anew(world: World) -> None:
    world.questions.series(QUESTION)
    world.position = Cursor("e2", 1)
    world.later()
    world.questions.series(QUESTION)
    assert len(world.oracle.asked) == 2


def test_however_many_events_come_it_asks_once_a_second(world: World) -> None:
    for seq in range(2, 12):
        world.position = Cursor("e1", seq)
        world.questions.series(QUESTION)
    assert len(world.oracle.asked) == 1


def test_what_was_just_published_is_asked_for_at_once(world: World) -> None:
    world.questions.series(QUESTION)
    world.questions.forget("home")
    world.questions.series(QUESTION)
    assert len(world.oracle.asked) == 2


def test_the_same_question_at_the_same_time_is_asked_once(world: World) -> None:
    arrived, go = threading.Event(), threading.Event()

    def slowly(path: str, pairs: object) -> tuple[int, object]:
        arrived.set()
        assert go.wait(10)
        return series([None, 7.0, 7])

    world.oracle.answer = slowly
    first = threading.Thread(target=world.questions.series, args=(QUESTION,))
    first.start()
    assert arrived.wait(10)
    second = threading.Thread(target=world.questions.series, args=(QUESTION,))
    second.start()
    go.set()
    first.join(10)
    second.join(10)
    assert len(world.oracle.asked) == 1


def test_a_pages_questions_are_asked_together(world: World) -> None:
    together = threading.Barrier(3, timeout=10)

    def wait_for_the_others(path: str, pairs: object) -> tuple[int, object]:
        together.wait()
        return series([None, 7.0, 7])

    world.oracle.answer = wait_for_the_others
    page_data = world.questions.ask({name: replace(QUESTION, kind=name) for name in "abc"})
    assert not [each for each in page_data.values() if isinstance(each, RequestRefused)]


def test_one_question_that_is_refused_leaves_the_others(world: World) -> None:
    def answer(path: str, pairs: list[tuple[str, str]]) -> tuple[int, object]:
        if ("kind", "wrong") in pairs:
            return 422, {"error": {"code": "invalid", "detail": "kind wrong: allowed are …"}}
        return series([None, 7.0, 7])

    world.oracle.answer = answer
    page_data = world.questions.ask({"good": QUESTION, "bad": replace(QUESTION, kind="wrong")})
    assert str(page_data["bad"]) == "the event server says: kind wrong: allowed are …"
    assert not isinstance(page_data["good"], RequestRefused)


@pytest.mark.parametrize("fail", [lambda world: world.oracle.close(), lambda world: garble(world)])
def test_where_the_server_fails_the_last_answer_stays_marked_stale(world: World, fail: Callable[[World], None]) -> None:
    world.questions.series(QUESTION)
    world.position = Cursor("e1", 2)
    world.later()
    fail(world)
    page_data = world.questions.series(replace(QUESTION, start=NOON, end=NOON + HOUR))
    assert page_data.value == 7.0
    assert page_data.told_at == NOON
    assert page_data.stale


def garble(world: World) -> None:
    world.oracle.answer = lambda path, pairs: (200, {"rows": "none"})


def test_a_stale_answer_for_the_period_is_none_for_all_that_was_before_it(world: World) -> None:
    world.questions.series(QUESTION)
    world.oracle.answer = lambda path, pairs: series([None, 4.0, 4])
    world.questions.series(replace(QUESTION, start=None, end=QUESTION.start))
    world.oracle.answer = lambda path, pairs: (503, {"error": {"code": "unavailable", "detail": "busy"}})
    world.later()
    moved = replace(QUESTION, start=NOON, end=NOON + HOUR)
    assert world.questions.series(moved).value == 7.0
    assert world.questions.series(replace(moved, start=None, end=NOON)).value == 4.0


def test_a_stale_answer_is_never_another_questions(world: World) -> None:
    world.questions.series(QUESTION)
    world.oracle.close()
    with pytest.raises(RequestRefused, match=r"^the event server does not answer; try again in a moment$"):
        world.questions.series(replace(QUESTION, period="before 1 h"))


def test_a_server_that_does_not_answer_is_left_alone_for_a_while(world: World) -> None:
    world.oracle.close()
    with pytest.raises(RequestRefused):
        world.questions.series(QUESTION)
    with Oracle(world.oracle.answer, world.oracle.port) as again:
        with pytest.raises(RequestRefused):
            world.questions.series(QUESTION)
        assert again.asked == []
        world.later(REST_S)
        assert world.questions.series(QUESTION).value == 7.0


def test_what_cannot_be_told_yet_is_said_of_the_whole_office_at_once(world: World) -> None:
    counting = "the history of home is being counted, 3 of 9 events so far: try again"
    world.oracle.answer = lambda path, pairs: (503, {"error": {"code": "behind", "detail": counting}})
    for question in (QUESTION, replace(QUESTION, agg="sum"), replace(QUESTION, kind="bot_status_update")):
        with pytest.raises(RequestRefused, match=rf"^{counting}$"):
            world.questions.series(question)
    assert len(world.oracle.asked) == 1
    with pytest.raises(RequestRefused):
        world.questions.series(replace(QUESTION, location="elsewhere"))
    world.oracle.answer = lambda path, pairs: series([None, 7.0, 7])
    for location in ("home", "elsewhere"):
        with pytest.raises(RequestRefused, match=counting):
            world.questions.series(replace(QUESTION, location=location))
    assert world.questions.series(replace(QUESTION, location="a third")).value == 7.0
    world.later(REST_S)
    assert world.questions.series(QUESTION).value == 7.0


def test_what_one_question_alone_cannot_be_told_leaves_the_others_alone(world: World) -> None:
    unread = 503, {"error": {"code": "unavailable", "detail": "2025-01-05.parquet cannot be read as an archive"}}
    world.oracle.answer = lambda path, pairs: unread
    with pytest.raises(RequestRefused, match="cannot be read as an archive"):
        world.questions.series(QUESTION)
    world.oracle.answer = lambda path, pairs: series([None, 7.0, 7])
    assert world.questions.series(replace(QUESTION, agg="sum")).value == 7.0


def test_an_answer_that_takes_too_long_rests_its_office_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api_client, "ANSWER_S", 0.2)
    answered = threading.Event()

    def late(path: str, pairs: Pairs) -> tuple[int, Any]:
        if dict(pairs)["location"] == "home":
            assert answered.wait(30)
        return series([None, 7.0, 7])

    with Oracle(late) as oracle:
        hurried = ApiClient(replace(oracle.endpoint, timeout_s=0.2))
        questions = CachedQueryClient(hurried, lambda location: None, NOON.timestamp, lambda: 0.0)
        for question in (QUESTION, replace(QUESTION, agg="sum")):
            with pytest.raises(RequestRefused, match="the event server does not answer"):
                questions.series(question)
        assert questions.series(replace(QUESTION, location="elsewhere")).value == 7.0
        assert len(oracle.asked) == 2
        answered.set()
        questions.close()


def test_rows_come_by_the_page_with_how_many_there_are(world: World) -> None:
    world.oracle.answer = lambda path, pairs: table(["a", "c1"], columns=("id", "subject"), following="next")
    page_data = world.questions.table(TableRequest("home", "property_alert"))
    assert (page_data.total, page_data.next, list(page_data.frame["subject"])) == (1, "next", ["c1"])


def test_a_link_brings_the_rows_that_it_was_made_of() -> None:
    where = ("stall_type:eq:", "source:in:a,b", "next_step:eq:a=b&c")
    rows = TableRequest("home", "seller_stall", where, NOON - HOUR, NOON, order="-time")
    assert TableRequest.read(rows.token(), "home") == rows


@pytest.mark.parametrize("token", ["", "where=a:eq:b", "kind=x&from=never", "&".join(f"a{n}=1" for n in range(60))])
def test_a_link_that_names_no_rows_is_refused(token: str) -> None:
    with pytest.raises(RequestRefused, match="the link's question"):
        TableRequest.read(token, "home")


def test_the_longer_a_span_the_longer_its_answer_holds(world: World) -> None:
    long, short = replace(QUESTION, start=NOON - 24 * HOUR, period="24 h"), QUESTION
    for question in (long, short):
        world.questions.series(question)
    world.position = Cursor("e1", 2)
    world.later(5)
    for question in (long, short):
        world.questions.series(question)
    assert len(world.oracle.asked) == 3
    world.later(LONGEST_S)
    world.questions.series(long)
    assert len(world.oracle.asked) == 4
