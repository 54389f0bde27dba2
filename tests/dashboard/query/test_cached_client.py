"""The client of the query API: what it asks anew, what it gives again, and what it does while the server fails."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest

from jorge_data.dashboard.query import api_client, cached_client
from jorge_data.dashboard.query.api_client import ApiClient, NoResponse
from jorge_data.dashboard.query.cached_client import FRESH_S, LONGEST_S, PAUSE_S, QueryCache
from jorge_data.dashboard.query.requests import SeriesRequest, TableRequest, among, equals
from jorge_data.errors import RequestRefused
from jorge_data.events import Cursor
from tests.dashboard.fake_event_server import FakeEventServer, Pairs, series, table
from tests.http_server import Request
from tests.waiting import wait_until

NOON = datetime(2026, 11, 23, 18, tzinfo=UTC)
HOUR = timedelta(hours=1)
REQUEST = SeriesRequest("home", "property_alert", start=NOON - HOUR, end=NOON, period="1 h")


class World:
    """A client before an event server, with a clock and a feed that stand where the test puts them."""

    def __init__(self) -> None:
        self.server = FakeEventServer(lambda path, pairs: series([None, 7.0, 7]))
        self.now = 0.0
        self.position: Cursor | None = Cursor("e1", 1)
        self.queries = QueryCache(ApiClient(self.server.endpoint), NOON.timestamp, lambda: self.now)
        self.client = self.queries.seen_by(OneReader(self))

    def later(self, seconds: float = FRESH_S + PAUSE_S) -> None:
        self.now += seconds


@dataclass
class OneReader:
    """A reader whose rights and token are the same at each office."""

    world: World
    rights: str = "manager"
    token: str = "a-token"

    def rights_at(self, location: str) -> str:
        return self.rights

    def token_at(self, location: str) -> str:
        return self.token

    def position(self, location: str) -> Cursor | None:
        return self.world.position


@pytest.fixture
def world() -> Iterator[World]:
    world = World()
    with world.server:
        yield world
    world.queries.close()


def test_a_figure_is_the_servers(world: World) -> None:
    response = world.client.series(replace(REQUEST, where=(equals("alert_type", "other"), among("source", "ab"))))
    assert (response.value, response.n, response.position, response.stale) == (7.0, 7, Cursor("e1", 1), None)
    path, pairs = world.server.requests[0]
    assert path == "/api/series"
    assert [value for name, value in pairs if name == "where"] == ["alert_type:eq:other", "source:in:a,b"]
    assert ("from", "2026-11-23T17:00:00Z") in pairs
    assert "period" not in dict(pairs)


def test_no_rows_are_no_data_and_not_zero(world: World) -> None:
    world.server.respond = lambda path, pairs: series()
    assert world.client.series(REQUEST).value is None


def test_moments_are_in_the_zone_that_was_asked_for(world: World) -> None:
    world.server.respond = lambda path, pairs: series(["2026-11-23T00:00:00-06:00", 7, 7])
    frame = world.client.series(replace(REQUEST, step="1d", zone="America/Chicago")).frame
    assert str(frame["t"].iloc[0]) == "2026-11-23 00:00:00-06:00"


def test_an_answer_holds_good_while_nothing_newer_is_known(world: World) -> None:
    for _ in range(3):
        world.client.series(REQUEST)
        world.later()
    assert len(world.server.requests) == 1


def test_a_new_event_makes_it_ask_anew(world: World) -> None:
    world.client.series(REQUEST)
    world.position = Cursor("e1", 2)
    world.later()
    world.client.series(REQUEST)
    assert len(world.server.requests) == 2


def test_a_new_life_of_the_log_makes_it_ask_anew(world: World) -> None:
    world.client.series(REQUEST)
    world.position = Cursor("e2", 1)
    world.later()
    world.client.series(REQUEST)
    assert len(world.server.requests) == 2


def test_however_many_events_come_it_asks_once_a_second(world: World) -> None:
    for seq in range(2, 12):
        world.position = Cursor("e1", seq)
        world.client.series(REQUEST)
    assert len(world.server.requests) == 1


def test_what_was_just_published_is_asked_for_at_once(world: World) -> None:
    world.client.series(REQUEST)
    world.client.invalidate("home")
    world.client.series(REQUEST)
    assert len(world.server.requests) == 2


def test_the_same_question_at_the_same_time_is_asked_once(world: World) -> None:
    arrived, go = threading.Event(), threading.Event()

    def slowly(path: str, pairs: object) -> tuple[int, object]:
        arrived.set()
        assert go.wait(10)
        return series([None, 7.0, 7])

    world.server.respond = slowly
    first = threading.Thread(target=world.client.series, args=(REQUEST,))
    first.start()
    assert arrived.wait(10)
    second = threading.Thread(target=world.client.series, args=(REQUEST,))
    second.start()
    go.set()
    first.join(10)
    second.join(10)
    assert len(world.server.requests) == 1


def test_a_pages_questions_are_asked_together(world: World) -> None:
    together = threading.Barrier(3, timeout=10)

    def wait_for_the_others(path: str, pairs: object) -> tuple[int, object]:
        together.wait()
        return series([None, 7.0, 7])

    world.server.respond = wait_for_the_others
    responses = world.client.fetch({name: replace(REQUEST, kind=name) for name in "abc"})
    assert not [each for each in responses.values() if isinstance(each, RequestRefused)]


def test_one_question_that_is_refused_leaves_the_others(world: World) -> None:
    def respond(path: str, pairs: list[tuple[str, str]]) -> tuple[int, object]:
        if ("kind", "wrong") in pairs:
            return 422, {"error": {"code": "invalid", "detail": "kind wrong: allowed are …"}}
        return series([None, 7.0, 7])

    world.server.respond = respond
    responses = world.client.fetch({"good": REQUEST, "bad": replace(REQUEST, kind="wrong")})
    assert str(responses["bad"]) == "the event server says: kind wrong: allowed are …"
    assert not isinstance(responses["good"], RequestRefused)


@pytest.mark.parametrize("fail", [lambda world: world.server.close(), lambda world: garble(world)])
def test_where_the_server_fails_the_last_answer_stays_marked_stale(world: World, fail: Callable[[World], None]) -> None:
    world.client.series(REQUEST)
    world.position = Cursor("e1", 2)
    world.later()
    fail(world)
    response = world.client.series(replace(REQUEST, start=NOON, end=NOON + HOUR))
    assert response.value == 7.0
    assert response.answered_at == NOON
    assert response.stale


def garble(world: World) -> None:
    world.server.respond = lambda path, pairs: (200, {"rows": "none"})


def test_a_stale_answer_for_the_period_is_none_for_all_that_was_before_it(world: World) -> None:
    world.client.series(REQUEST)
    world.server.respond = lambda path, pairs: series([None, 4.0, 4])
    world.client.series(replace(REQUEST, start=None, end=REQUEST.start))
    world.server.respond = lambda path, pairs: (503, {"error": {"code": "unavailable", "detail": "busy"}})
    world.later()
    moved = replace(REQUEST, start=NOON, end=NOON + HOUR)
    assert world.client.series(moved).value == 7.0
    assert world.client.series(replace(moved, start=None, end=NOON)).value == 4.0


def test_a_stale_answer_is_never_another_questions(world: World) -> None:
    world.client.series(REQUEST)
    world.server.close()
    with pytest.raises(RequestRefused, match=r"^the event server does not answer; try again in a moment$"):
        world.client.series(replace(REQUEST, period="before 1 h"))


def test_a_server_that_does_not_answer_is_left_alone_for_a_while(world: World) -> None:
    world.server.close()
    with pytest.raises(RequestRefused):
        world.client.series(REQUEST)
    with FakeEventServer(world.server.respond, world.server.port) as again:
        with pytest.raises(RequestRefused):
            world.client.series(REQUEST)
        assert again.requests == []
        world.later(PAUSE_S)
        assert world.client.series(REQUEST).value == 7.0


def test_what_cannot_be_told_yet_is_said_of_the_whole_office_at_once(world: World) -> None:
    counting = "the history of home is being counted, 3 of 9 events so far"
    world.server.respond = lambda path, pairs: (503, {"error": {"code": "behind", "detail": counting}})
    for request in (REQUEST, replace(REQUEST, agg="sum"), replace(REQUEST, kind="bot_status_update")):
        with pytest.raises(RequestRefused, match=rf"^{counting}$"):
            world.client.series(request)
    assert len(world.server.requests) == 1
    with pytest.raises(RequestRefused):
        world.client.series(replace(REQUEST, location="elsewhere"))
    world.server.respond = lambda path, pairs: series([None, 7.0, 7])
    for location in ("home", "elsewhere"):
        with pytest.raises(RequestRefused, match=counting):
            world.client.series(replace(REQUEST, location=location))
    assert world.client.series(replace(REQUEST, location="a third")).value == 7.0
    world.later(PAUSE_S)
    assert world.client.series(REQUEST).value == 7.0


def test_what_one_question_alone_cannot_be_told_leaves_the_others_alone(world: World) -> None:
    unread = 503, {"error": {"code": "unavailable", "detail": "2025-01-05.parquet cannot be read as an archive"}}
    world.server.respond = lambda path, pairs: unread
    with pytest.raises(RequestRefused, match="cannot be read as an archive"):
        world.client.series(REQUEST)
    world.server.respond = lambda path, pairs: series([None, 7.0, 7])
    assert world.client.series(replace(REQUEST, agg="sum")).value == 7.0


def test_an_answer_that_takes_too_long_rests_its_office_alone(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api_client, "RESPONSE_S", 0.2)
    answered = threading.Event()

    def late(path: str, pairs: Pairs) -> tuple[int, Any]:
        if dict(pairs)["location"] == "home":
            assert answered.wait(30)
        return series([None, 7.0, 7])

    with FakeEventServer(late) as server:
        hurried = ApiClient(replace(server.endpoint, timeout_s=0.2))
        queries = QueryCache(hurried, NOON.timestamp, lambda: 0.0)
        client = queries.seen_by(OneReader(world))
        for request in (REQUEST, replace(REQUEST, agg="sum")):
            with pytest.raises(RequestRefused, match="the event server does not answer"):
                client.series(request)
        assert client.series(replace(REQUEST, location="elsewhere")).value == 7.0
        assert len(server.requests) == 2
        answered.set()
        queries.close()


def test_rows_come_by_the_page_with_how_many_there_are(world: World) -> None:
    world.server.respond = lambda path, pairs: table(["a", "c1"], columns=("id", "subject"), following="next")
    response = world.client.table(TableRequest("home", "property_alert"))
    assert (response.total, response.next, list(response.frame["subject"])) == (1, "next", ["c1"])


def test_a_link_brings_the_rows_that_it_was_made_of() -> None:
    where = ("stall_type:eq:", "source:in:a,b", "next_step:eq:a=b&c")
    rows = TableRequest("home", "seller_stall", where, NOON - HOUR, NOON, order="-time")
    assert TableRequest.read(rows.token(), "home") == rows


@pytest.mark.parametrize("token", ["", "where=a:eq:b", "kind=x&from=never", "&".join(f"a{n}=1" for n in range(60))])
def test_a_link_that_names_no_rows_is_refused(token: str) -> None:
    with pytest.raises(RequestRefused, match="the link's question"):
        TableRequest.read(token, "home")


def test_the_longer_a_span_the_longer_its_answer_holds(world: World) -> None:
    long, short = replace(REQUEST, start=NOON - 24 * HOUR, period="24 h"), REQUEST
    for request in (long, short):
        world.client.series(request)
    world.position = Cursor("e1", 2)
    world.later(5)
    for request in (long, short):
        world.client.series(request)
    assert len(world.server.requests) == 3
    world.later(LONGEST_S)
    world.client.series(long)
    assert len(world.server.requests) == 4


def test_a_hundred_who_have_the_same_rights_cost_one_question(world: World) -> None:
    readers = [OneReader(world, "viewer", f"token-{number}") for number in range(100)]
    with ThreadPoolExecutor(20) as pool:
        values = list(pool.map(lambda reader: world.queries.seen_by(reader).series(REQUEST).value, readers))
    assert values == [7.0] * 100
    assert len(world.server.requests) == 1


def test_an_agent_never_gets_anothers_answer(world: World) -> None:
    figures = {"Bearer anns": 1.0, "Bearer bens": 2.0, "Bearer managers": 9.0}
    world.server.respond_to = lambda request: series([None, figures[request.headers["Authorization"]], 1])
    clients = {
        name: world.queries.seen_by(OneReader(world, rights, name))
        for name, rights in (("anns", "agent a-1"), ("bens", "agent a-2"), ("managers", "manager"))
    }
    for _ in range(2):
        assert {name: client.series(REQUEST).value for name, client in clients.items()} == {
            "anns": 1.0,
            "bens": 2.0,
            "managers": 9.0,
        }
    assert len(world.server.requests) == 3
    made = {
        name: client.computed("home", "made of it", 1, partial(client.series, REQUEST)).value
        for name, client in clients.items()
    }
    assert made == {"anns": 1.0, "bens": 2.0, "managers": 9.0}


def test_who_may_no_longer_ask_is_not_shown_what_he_once_got(world: World) -> None:
    world.client.series(REQUEST)
    for status, code in ((401, "unauthenticated"), (403, "forbidden")):
        world.later()
        world.position = None
        world.server.respond_to = partial(refused, status, code)
        with pytest.raises(RequestRefused, match="not you"):
            world.client.series(REQUEST)


def refused(status: int, code: str, request: Request) -> tuple[int, Any]:
    return status, {"error": {"code": code, "detail": "not you"}}


def test_whose_login_has_ended_is_no_refusal_for_who_waits_with_him(world: World) -> None:
    arrived, go = threading.Event(), threading.Event()

    def respond(request: Request) -> tuple[int, Any]:
        if request.headers["Authorization"] == "Bearer gone":
            arrived.set()
            assert go.wait(10)
            return 401, {"error": {"code": "unauthenticated", "detail": "the login has ended"}}
        return series([None, 7.0, 7])

    world.server.respond_to = respond
    gone, here = (world.queries.seen_by(OneReader(world, "viewer", token)) for token in ("gone", "here"))
    with ThreadPoolExecutor(2) as pool:
        ended = pool.submit(gone.series, REQUEST)
        assert arrived.wait(10)
        waits = pool.submit(here.series, REQUEST)
        go.set()
        assert waits.result(10).value == 7.0
        with pytest.raises(RequestRefused, match="the login has ended"):
            ended.result(10)


def test_what_stands_beside_a_page_holds_none_up_while_the_server_hangs(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cached_client, "ASIDE_S", 0.05)
    ask = partial(world.queries.api.get, "/api/colleagues")
    hang, asked = threading.Event(), threading.Event()

    def answer(path: str, pairs: Pairs) -> tuple[int, Any]:
        asked.set()
        return (200, ["ann"]) if hang.wait(30) else (500, {})

    world.server.respond = answer
    assert [world.client.aside("home", "people", ask, 30) for _ in range(3)] == [None] * 3
    assert asked.wait(30)
    hang.set()
    wait_until(lambda: world.client.aside("home", "people", ask, 30) == ["ann"])
    assert len(world.server.requests) == 1, "who asks meanwhile waits for no answer of his own"
    world.later(31)
    hang.clear()
    assert world.client.aside("home", "people", ask, 30) == ["ann"], "as it was known last"
    hang.set()


def test_what_is_here_is_handed_to_no_other_thread(world: World) -> None:
    requests = {"now": REQUEST, "of another": replace(REQUEST, kind="lead_update")}
    fetched = world.client.fetch(requests)
    ask = partial(world.queries.api.get, "/api/colleagues")
    beside = world.client.aside("home", "people", ask, 30)
    world.queries.close()
    assert world.client.fetch(requests) == fetched
    assert world.client.aside("home", "people", ask, 30) == beside is not None
    world.later(31)
    with pytest.raises(RuntimeError, match="shutdown"):
        world.client.aside("home", "people", ask, 30)
    world.position = Cursor("e1", 2)
    with pytest.raises(RuntimeError, match="shutdown"):
        world.client.fetch(requests)


def test_while_a_server_is_silent_with_tokens_no_page_asks_it(world: World) -> None:
    def silent() -> str:
        raise NoResponse("logins cannot be checked now")

    with pytest.raises(NoResponse, match="logins cannot be checked"):
        world.queries.fetch(REQUEST, silent)
    with pytest.raises(NoResponse, match="the event server does not answer"):
        world.queries.fetch(replace(REQUEST, location="elsewhere"), lambda: "a-token")
    assert world.server.requests == []
