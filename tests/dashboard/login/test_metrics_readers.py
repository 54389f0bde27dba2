"""Whose token may read `/metrics`: the event server says so, and while it is silent what it said holds for a while."""

import asyncio
import threading

import pytest

from jorge_data.dashboard.login.metrics_readers import FORGOTTEN_S, FRESH_S, MOST, MOST_WAITING, MetricsReaders
from jorge_data.errors import Forbidden, RequestRefused, Unauthenticated, Unavailable


class Server:
    """Says of each token what stands here, and of all others that it is none."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.asked: list[str] = []
        self.says: dict[str, RequestRefused | None] = {"good": None, "viewer's": Forbidden("no")}
        self.is_silent = False
        self.readers = MetricsReaders(self.ask, lambda: self.now)

    def ask(self, token: str) -> None:
        self.asked.append(token)
        refusal = Unavailable("silent") if self.is_silent else self.says.get(token, Unauthenticated("no token"))
        if refusal is not None:
            raise refusal

    async def asks(self, authorization: str) -> int:
        try:
            await self.readers.admit(authorization)
        except RequestRefused as refusal:
            return refusal.status
        return 200

    def status(self, authorization: str) -> int:
        return asyncio.run(self.asks(authorization))


@pytest.fixture
def server() -> Server:
    return Server()


def test_each_token_is_asked_for_once_a_minute(server: Server) -> None:
    for _ in range(3):
        assert [server.status(f"Bearer {token}") for token in ("good", "viewer's", "other")] == [200, 403, 401]
    assert server.asked == ["good", "viewer's", "other"]
    server.says["good"] = Unauthenticated("revoked")
    server.now += FRESH_S + 1
    assert server.status("bearer good") == 401


def test_what_is_no_token_is_asked_for_nowhere(server: Server) -> None:
    for header in ("", "Bearer", "Bearer  ", "Basic good", "good", "Bearer gööd", f"Bearer {'x' * 5000}"):
        assert server.status(header) == 401
    assert server.asked == []


def test_who_was_let_in_sees_the_silence_of_the_server_for_as_long_as_it_lasts(server: Server) -> None:
    assert (server.status("Bearer good"), server.status("Bearer viewer's")) == (200, 403)
    server.is_silent = True
    server.now += FRESH_S + 1
    assert [server.status(f"Bearer {token}") for token in ("good", "viewer's", "new")] == [200, 503, 503]
    for _ in range(100):
        server.now += FRESH_S + 1
        assert server.status("Bearer good") == 200
    server.is_silent = False
    server.now += FRESH_S + 1
    assert [server.status(f"Bearer {token}") for token in ("good", "new")] == [200, 401]


def test_who_has_not_come_for_long_is_not_let_in_by_the_silence(server: Server) -> None:
    assert server.status("Bearer good") == 200
    server.is_silent = True
    server.now += FORGOTTEN_S + 1
    assert server.status("Bearer good") == 503


def test_who_is_refused_by_the_silent_server_s_last_word_is_not_let_in(server: Server) -> None:
    assert server.status("Bearer good") == 200
    server.says["good"] = Unauthenticated("revoked")
    server.now += FRESH_S + 1
    assert server.status("Bearer good") == 401
    server.is_silent = True
    server.now += FRESH_S + 1
    assert server.status("Bearer good") == 503


def test_an_answer_that_is_about_no_token_is_kept_for_none(server: Server) -> None:
    assert server.status("Bearer good") == 200
    server.says["good"] = server.says["new"] = RequestRefused("the event server answered 500")
    server.now += FRESH_S + 1
    assert [server.status(f"Bearer {token}") for token in ("good", "new")] == [200, 400]
    server.says["new"] = None
    assert server.status("Bearer new") == 200


def test_a_refusal_is_told_again_and_grows_by_nothing(server: Server) -> None:
    told = list[RequestRefused]()
    for _ in range(3):
        with pytest.raises(Forbidden, match="no") as refused:
            asyncio.run(server.readers.admit("Bearer viewer's"))
        told.append(refused.value)
    assert server.asked == ["viewer's"]
    assert len(set(map(id, told))) == 3


def test_what_has_expired_is_kept_no_longer(server: Server) -> None:
    server.status("Bearer viewer's")
    server.now += FRESH_S + 1
    server.status("Bearer good")
    assert len(server.readers._refused) == 0
    server.now += FORGOTTEN_S + 1
    server.status("Bearer viewer's")
    assert len(server.readers._admitted) == 0


def test_no_number_of_tokens_takes_memory_or_the_place_of_one_that_may_read(server: Server) -> None:
    assert server.status("Bearer good") == 200
    for number in range(2 * MOST):
        server.status(f"Bearer {number}")
    assert len(server.readers._refused) == MOST
    server.is_silent = True
    assert server.status("Bearer good") == 200
    assert server.asked.count("good") == 1


@pytest.mark.parametrize("age_s", [0, FRESH_S + 1])
def test_a_reader_waits_behind_no_stranger_and_few_strangers_wait(server: Server, age_s: float) -> None:
    """Also one whom the server is to be asked for again."""
    assert server.status("Bearer good") == 200
    server.now += age_s
    may_answer, plain = threading.Event(), server.readers._ask

    def ask(token: str) -> None:
        if token != "good":
            may_answer.wait(20)
        plain(token)

    server.readers._ask = ask

    async def scrape() -> list[int]:
        guesses = [asyncio.create_task(server.asks(f"Bearer {number}")) for number in range(MOST_WAITING + 5)]
        await asyncio.sleep(0)
        try:
            assert await asyncio.wait_for(server.asks("Bearer good"), 10) == 200
        finally:
            may_answer.set()
        return await asyncio.gather(*guesses)

    assert asyncio.run(scrape()) == [401] * MOST_WAITING + [429] * 5
    assert server.status("Bearer again") == 401
