"""Whose token may read `/metrics`: the event server says so, and while it is silent what it said holds for a while."""

import asyncio

import pytest

from jorge_data.dashboard.login.metrics_readers import FRESH_S, MOST, SILENT_S, MetricsReaders
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

    def status(self, authorization: str) -> int:
        try:
            asyncio.run(self.readers.admit(authorization))
        except RequestRefused as refusal:
            return refusal.status
        return 200


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


def test_who_was_let_in_sees_the_silence_of_the_server(server: Server) -> None:
    assert (server.status("Bearer good"), server.status("Bearer viewer's")) == (200, 403)
    server.is_silent = True
    server.now += FRESH_S + 1
    assert [server.status(f"Bearer {token}") for token in ("good", "viewer's", "new")] == [200, 503, 503]
    server.now += SILENT_S
    assert server.status("Bearer good") == 503
    server.is_silent = False
    assert [server.status(f"Bearer {token}") for token in ("good", "new")] == [200, 401]


def test_no_number_of_tokens_takes_memory(server: Server) -> None:
    for number in range(2 * MOST):
        server.status(f"Bearer {number}")
    assert len(server.readers._verdicts) == MOST
