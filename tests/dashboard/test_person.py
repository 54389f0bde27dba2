"""Pages are the person's: what he is granted at the office on screen, asked with his token, and shared by rights."""

import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl

import pytest
from streamlit.testing.v1 import AppTest

from jorge_data.dashboard.context import AppContext
from jorge_data.dashboard.login.own_token import OwnToken
from jorge_data.dashboard.login.user import Grant, User
from jorge_data.dashboard.query.cached_client import QueryCache
from jorge_data.settings import read_settings
from tests.dashboard.fake_event_server import FakeEventServer, series, table
from tests.dashboard.people import Turns, person
from tests.dashboard.test_pages import visit
from tests.http_server import Request
from tests.waiting import wait_until

EAST, WEST, SOUTH = "east", "west", "south"
ANN, BEN = (person(name, "agent", EAST, f"a-{name}") for name in ("ann", "ben"))
MANY = User("mary", "Mary Major", (Grant(EAST, "manager"), Grant(WEST, "viewer")), "session-of-mary")
BOSS = person("boss", "admin")
VIEWERS = tuple(person(f"viewer-{number}", "viewer", EAST) for number in range(5))


class Office:
    """An event server that notes by whose token it is asked what, and a dashboard with these people before it."""

    def __init__(self) -> None:
        self.made: list[str] = []
        self.people = Turns(ANN, BEN, MANY, BOSS, *VIEWERS, token=self._token)
        self.asked: Counter[tuple[str, str]] = Counter()
        self.server = FakeEventServer(lambda path, pairs: (404, {}))
        self.server.respond_to = self._respond

    def _token(self, user: User, location: str | None) -> str:
        self.made.append(f"{user.name}@{location}")
        return self.made[-1]

    def _respond(self, request: Request) -> tuple[int, Any]:
        token = str(request.headers.get("Authorization", "")).removeprefix("Bearer ")
        path, _, query = request.target.partition("?")
        asked = dict(parse_qsl(query))
        self.asked[path, token] += 1
        if path == "/api/locations":
            return 200, {"locations": [{"location": name} for name in (EAST, SOUTH, WEST)]}
        if path == "/api/series":
            return series(columns=("t", *filter(None, asked.get("by", "").split(",")), "value", "n"))
        if path == "/api/table":
            return table(columns=tuple(asked.get("columns", "id").split(",")))
        return 404, {"error": {"code": "not_found", "detail": "nothing else is here"}}

    def tokens(self, *paths: str) -> set[str]:
        return {token for path, token in self.asked if path in paths}

    def visit(self, user: User, path: str = "", **query: str) -> AppTest:
        self.people.here = user.name
        app = visit(path, **query)
        assert not app.exception
        return app


@pytest.fixture
def office() -> Iterator[Office]:
    office = Office()
    with office.server:
        address = office.server.endpoint.socket_url
        settings = read_settings(_env_file=None, demo="0", location=EAST, socket_url=address, enable_websocket=False)
        context = AppContext.build(settings, OwnToken("the dashboard's own"), office.people)
        context.queries.close()
        context = replace(context, queries=QueryCache(context.api, time.time, lambda: 0.0))  # no answer grows old
        context.make_current()
        yield office
        context.queries.close()
        context.locations.close()


def links(app: AppTest) -> set[str]:
    """Return the pages that the sidebar leads to."""
    return {each.proto.page for each in app.sidebar.get("page_link")}


def test_all_is_asked_with_the_token_of_who_looks_and_nothing_with_the_dashboards_own(office: Office) -> None:
    for path in ("qualification", "conversations", "system", "connect", "ml"):
        office.visit(ANN, path)
    assert office.tokens(*(path for path, _ in office.asked)) == {"ann@east"}


def test_an_office_is_asked_for_by_the_grant_that_holds_there(office: Office) -> None:
    office.visit(BOSS, "qualification", location=SOUTH)
    assert office.tokens("/api/series", "/api/table") == {"boss@None"}


def test_who_looks_at_an_office_gets_a_token_of_that_office_by_which_the_server_knows_of_it(office: Office) -> None:
    AppContext.current().seen_by(BOSS).note_presence(SOUTH)
    wait_until(lambda: bool(office.made))
    assert office.made == ["boss@south"]


def test_who_has_the_same_rights_is_answered_by_the_same_question(office: Office) -> None:
    for viewer in VIEWERS:
        office.visit(viewer, "system")
    asked = [count for (path, _), count in office.asked.items() if path == "/api/series"]
    once = sum(asked)
    assert office.tokens("/api/series") == {f"{VIEWERS[0].name}@east"}
    office.visit(VIEWERS[0], "system")
    assert sum(count for (path, _), count in office.asked.items() if path == "/api/series") == once


def test_agents_ask_each_for_himself(office: Office) -> None:
    for agent in (ANN, BEN, ANN):
        office.visit(agent, "conversations")
    assert office.tokens("/api/series") == {"ann@east", "ben@east"}


def test_an_office_that_is_not_granted_is_refused_in_a_sentence_and_asked_nothing(office: Office) -> None:
    for path in ("", "conversations", "system"):
        app = office.visit(ANN, path, location=WEST)
        assert [error.value for error in app.error] == ["You have no access here. An admin can give it to you."]
        assert [text.value for text in app.text] == ["The office is west; you are Ann."]
        assert not app.metric
        assert not app.dataframe
    assert office.asked == {}


def test_pages_are_those_of_the_grant_at_the_office_on_screen(office: Office) -> None:
    assert len(links(office.visit(MANY))) == 11
    assert links(office.visit(MANY, location=WEST)) == links(office.visit(VIEWERS[0]))
    assert len(links(office.visit(VIEWERS[0]))) == 2


def offices(app: AppTest) -> list[str]:
    return list(next(each for each in app.selectbox if each.label == "Office").options)


def test_the_offices_offered_are_those_that_are_granted(office: Office) -> None:
    assert offices(office.visit(ANN)) == [EAST]
    assert offices(office.visit(MANY)) == [EAST, WEST]
    assert offices(office.visit(BOSS)) == [EAST, SOUTH, WEST]
    assert office.tokens("/api/locations") == {"boss@None"}


def test_connect_says_who_one_is(office: Office) -> None:
    said = [text.value for text in office.visit(MANY, "connect").text]
    assert "You are Mary Major, logged in as mary, in the role manager at the office east." in said


def test_what_is_of_all_offices_is_not_asked_by_who_has_one(office: Office) -> None:
    office.visit(MANY, "system")
    office.visit(MANY, "connect")
    assert not {"/api/system", "/api/audit", "/health"} & {path for path, _ in office.asked}
    office.visit(BOSS, "system")
    assert office.tokens("/api/system", "/health") == {"boss@None"}


def test_whose_login_has_ended_sees_that_and_nothing_else(office: Office) -> None:
    office.visit(ANN, "conversations")
    del office.people.users["ann"]
    before = dict(office.asked)
    app = office.visit(ANN, "conversations")
    assert [error.value for error in app.error] == ["The login has ended: log in again."]
    assert not app.dataframe
    assert office.asked == before
