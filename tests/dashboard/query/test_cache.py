"""The one cache: what it gives again, what it makes anew, and what it makes once for all who ask at once."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from math import inf

import pytest

from jorge_data.dashboard.query import cache
from jorge_data.dashboard.query.cache import Cache
from jorge_data.errors import RequestRefused
from jorge_data.events import Cursor

LOCATION, FRESH_S = "home", 10.0


@dataclass(frozen=True)
class Response:
    position: Cursor


class World:
    """A cache before a log and a clock that stand where the test puts them; it counts what is asked."""

    def __init__(self) -> None:
        self.now = 0.0
        self.log_end: Cursor | None = Cursor("e1", 1)
        self.fetched = 0
        self.cache = Cache(lambda: self.now)

    def fetch(self) -> Response:
        self.fetched += 1
        return Response(self.log_end or Cursor("e1", 0))

    def response(self, version: object = None, location: str = LOCATION) -> Response:
        return self.cache.response(location, version, location, self.log_end, FRESH_S, self.fetch)


@pytest.fixture
def world() -> World:
    return World()


def test_an_answer_holds_while_the_log_goes_no_further(world: World) -> None:
    first = world.response()
    world.now = 1e9
    assert world.response() is first


@pytest.mark.parametrize("log_end", [Cursor("e1", 2), Cursor("e2", 1), None])
def test_where_the_log_went_on_an_answer_holds_for_its_seconds(world: World, log_end: Cursor | None) -> None:
    world.response()
    world.log_end, world.now = log_end, FRESH_S - 1
    world.response()
    assert world.fetched == 1
    world.now = FRESH_S
    world.response()
    assert world.fetched == 2


def test_of_a_key_the_newest_version_alone_is_kept(world: World) -> None:
    world.response("monday")
    newer = world.response("tuesday")
    assert world.fetched == 2
    assert world.response("tuesday") is newer
    assert world.cache.newest(LOCATION) is newer
    world.response("monday")
    assert world.fetched == 3


def test_what_is_outdated_is_of_its_location_alone_and_still_the_newest(world: World) -> None:
    old, other = world.response(), world.response(location="elsewhere")
    world.cache.invalidate(LOCATION)
    assert world.cache.newest(LOCATION) is old
    assert world.response(location="elsewhere") is other
    assert world.response() is not old
    assert world.fetched == 3


def test_what_is_made_of_a_version_is_made_once_or_after_its_seconds(world: World) -> None:
    for version, fresh_s, now in (("a", inf, 0.0), ("a", inf, 1e9), ("b", inf, 1e9), ("b", 5.0, 2e9)):
        world.now = now
        world.cache.computed("figure", version, world.fetch, fresh_s)
    assert world.fetched == 3


def test_it_is_bounded_and_what_was_unasked_for_longest_gives_way(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache, "MOST", 2)
    for location in ("a", "b", "a", "c"):
        world.response(location=location)
    assert [world.cache.newest(location) is None for location in "abc"] == [False, True, False]


def test_what_several_threads_ask_for_at_once_is_made_once(world: World) -> None:
    arrived, go = threading.Event(), threading.Event()

    def slowly() -> Response:
        arrived.set()
        assert go.wait(10)
        return world.fetch()

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(world.cache.computed, "figure", None, slowly)
        assert arrived.wait(10)
        second = pool.submit(world.cache.computed, "figure", None, slowly)
        go.set()
        assert first.result(10) is second.result(10)
    assert world.fetched == 1


def test_a_failure_is_told_and_not_kept(world: World) -> None:
    def fail() -> Response:
        raise RequestRefused("busy")

    old = world.response("monday")
    with pytest.raises(RequestRefused, match=r"^busy$"):
        world.cache.response(LOCATION, "tuesday", LOCATION, world.log_end, FRESH_S, fail)
    assert world.cache.newest(LOCATION) is old
    assert world.response("tuesday") is not old


def test_an_answer_under_way_when_all_is_forgotten_is_not_kept(world: World) -> None:
    asked, answered = threading.Event(), threading.Event()

    def fetch() -> Response:
        asked.set()
        assert answered.wait(20)
        return Response(Cursor("e1", 1))

    with ThreadPoolExecutor(1) as threads:
        of_before = threads.submit(world.cache.response, LOCATION, None, LOCATION, world.log_end, FRESH_S, fetch)
        assert asked.wait(20)
        world.cache.clear()
        after = world.response()
        assert world.fetched == 1, "it is asked for anew, and not waited for"
        answered.set()
        of_before.result()
    assert world.cache.newest(LOCATION) is after
    assert world.response() is after
    assert world.fetched == 1


def test_a_refusal_under_way_when_all_is_forgotten_leaves_what_is_asked_anew(world: World) -> None:
    def fetch() -> Response:
        world.cache.clear()
        world.response()
        raise RequestRefused("too late")

    with pytest.raises(RequestRefused):
        world.cache.response(LOCATION, None, LOCATION, world.log_end, FRESH_S, fetch)
    world.response()
    assert world.fetched == 1
