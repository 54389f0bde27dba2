"""Who is in by a login, before an event server that hangs, that is another's, or that refuses the dashboard itself."""

import asyncio
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest

from jorge_data.dashboard.login import session_access
from jorge_data.dashboard.login.own_token import OwnToken
from jorge_data.dashboard.login.session_access import NEW_TOKEN_EVERY_S, SessionAccess
from jorge_data.dashboard.login.session_client import LoginSession, SessionClient
from jorge_data.dashboard.login.user import Grant, User
from jorge_data.dashboard.push.audience_tokens import AudienceTokens
from jorge_data.errors import Unavailable
from tests.clock import Clock
from tests.http_server import HttpServer, Reply, Request
from tests.waiting import wait_until


class World:
    """Somebody who is in, and an event server that answers as the test says."""

    def __init__(self, ends_in_s: float = 3600, farewell: str | None = None) -> None:
        self.clock = Clock()
        self.answer: Callable[[Request], Any] = lambda request: {"ended": []}
        self.asked: list[str] = []
        self.server = HttpServer(self._reply)
        own = OwnToken("own")
        self.access = SessionAccess(
            SessionClient(self.server.url, own, ""), "jorge_session", farewell, monotonic=self._monotonic
        )
        ends_at = datetime.now(UTC) + timedelta(seconds=ends_in_s)
        self.user: User = self.access.open(
            LoginSession("id.secret", "dana", "Dana", (Grant(None, "manager"),), ends_at)
        )

    def _monotonic(self) -> float:
        return time.monotonic() + self.clock.now

    def _reply(self, request: Request) -> Reply:
        self.asked.append(request.target)
        return 200, {}, orjson.dumps(self.answer(request))

    def looks(self) -> int:
        return self.asked.count("/api/sessions/used")

    def run(self, until: Callable[[], bool]) -> None:
        """Look after ended sessions until something is true; meanwhile a socket of his is open."""

        async def looking() -> None:
            task = asyncio.create_task(self.access.run())
            with self.access.follow(self.user):
                await asyncio.to_thread(wait_until, until)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task

        asyncio.run(looking())


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session_access, "LOOK_S", 0.02)


@pytest.mark.parametrize("nonsense", [[], "a page", None, {"ended": None}, {"ended": 7}, {}])
def test_an_answer_that_is_none_of_ours_ends_nothing_and_it_is_asked_again(nonsense: Any) -> None:
    world = World()
    world.answer = lambda request: nonsense
    with world.server:
        world.run(lambda: world.looks() > 3)
        assert world.access.is_in(world.user)
        world.answer = lambda request: {"ended": ["id.secret"]}
        world.run(lambda: not world.access.is_in(world.user))


def test_a_session_ends_in_time_while_the_server_hangs() -> None:
    world, released = World(ends_in_s=0.5), threading.Event()
    world.answer = lambda request: released.wait(30) and {"ended": []}
    with world.server:
        try:
            world.run(lambda: not world.access.is_in(world.user) and not world.access._known)
        finally:
            released.set()


def test_a_server_that_hangs_is_asked_for_no_tokens_until_it_answers_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each of a page's questions would wait for its own, and other people's pages behind them."""
    monkeypatch.setattr("jorge_data.dashboard.login.session_client.LOOKED_WITHIN_S", 0.05)
    world, released = World(), threading.Event()

    def answer(request: Request) -> Any:
        if not released.wait(30) or request.target == "/api/sessions/used":
            return {"ended": []}
        return {"token": "hers", "expires_at": (datetime.now(UTC) + timedelta(minutes=5)).isoformat()}

    world.answer = answer
    with world.server:
        try:
            world.run(lambda: world.looks() > 3)
            for _ in range(16):
                with pytest.raises(Unavailable, match="the event server does not answer"):
                    world.access.token(world.user, None)
            assert "/api/sessions/token" not in world.asked
        finally:
            released.set()
        world.run(lambda: world.access._silent_until == 0.0)
        assert world.access.token(world.user, None) == "hers"


def test_a_token_that_the_server_refuses_is_asked_for_anew() -> None:
    world, made = World(), iter(range(9))
    ends_at = (datetime.now(UTC) + timedelta(minutes=5)).isoformat()
    world.answer = lambda request: {"token": f"hers {next(made)}", "expires_at": ends_at}
    with world.server:
        assert [world.access.token(world.user, None) for _ in range(2)] == ["hers 0"] * 2
        world.access.refused("another's")
        assert world.access.token(world.user, None) == "hers 0"
        world.access.refused("hers 0")
        assert world.access.token(world.user, None) == "hers 1"


def test_where_each_token_is_refused_no_other_is_asked_for_within_a_minute() -> None:
    """It is a proxy's fault then, not the token's: its reader has to wait before it tries again."""
    world, made = World(), iter(range(9))
    ends_at = (datetime.now(UTC) + timedelta(minutes=5)).isoformat()
    world.answer = lambda request: {"token": f"hers {next(made)}", "expires_at": ends_at}
    tokens = AudienceTokens("austin", world.access, world._monotonic)
    with world.server:
        tokens.see(world.user)
        for _ in range(20):
            tokens.refused(tokens.current())
        assert tokens.current() == "hers 1"
        world.clock.now += NEW_TOKEN_EVERY_S
        tokens.see(world.user)
        tokens.refused(tokens.current())
        assert tokens.current() == "hers 2"


def test_of_a_session_that_is_found_again_nobody_is_said_to_have_used_it() -> None:
    world, told = World(), list[Any]()

    def answer(request: Request) -> Any:
        told.append(orjson.loads(request.body)["sessions"])
        return {"ended": []}

    world.answer = answer
    with world.server:
        world.run(lambda: len(told) > 2)
        assert {each["used"] for sessions in told for each in sessions} == {False}
        world.access.use(world.user)
        world.run(lambda: any(each["used"] for sessions in told for each in sessions))


def test_who_logs_out_is_led_where_he_could_not_be_let_in_again_at_once_after_a_start_too() -> None:
    world = World(farewell="/login")
    world.answer = lambda request: {}
    with world.server:
        world.access.leave(world.user, everywhere=False)
    assert world.access.has_left("id.secret")
    assert world.access.farewell("id.secret") == "/login"
