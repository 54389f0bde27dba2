"""The bot dies, the server dies, nobody is there: nothing that was published is lost, nothing comes twice."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from jorge_data.bots import Publisher
from jorge_data.errors import Unauthenticated
from tests.bots.bot import SOURCE, Mortal, steps
from tests.served import Served

LOCATION = "crashes"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Served]:
    """A server of the test's own, not started yet."""
    own = Served(tmp_path)
    yield own
    own.session.close()
    if hasattr(own, "process"):
        own.stop()


def publisher(server: Served, token: str | None = None) -> Publisher:
    return Publisher(
        server.url, token or server.token(), source=SOURCE, location=LOCATION, spool=server.folder / "spool.db"
    )


def stored(server: Served) -> list[int]:
    """Return the numbers of the steps in the server's log, in its order."""
    numbers: list[int] = []
    position = "oldest"
    while True:
        page = server.get("/events", location=LOCATION, after=position, limit=500)
        if not page["events"]:
            return numbers
        numbers += [int(event["data"]["current_step"]) for event in page["events"]]
        position = f"{page['epoch']}:{page['events'][-1]['seq']}"


def test_what_was_said_to_nobody_arrives_when_the_server_comes(server: Served) -> None:
    with publisher(server) as bot:
        steps(bot, 0, 700)
        assert not bot.flush(0.05)
        server.start()
        assert bot.flush(30)
        assert stored(server) == list(range(700))


def test_a_bot_killed_before_delivery_has_lost_nothing(server: Served) -> None:
    with Mortal(server.url, server.token(), LOCATION, server.folder / "spool.db") as bot:
        bot.published(800)
        published = bot.kill()
    server.start()
    with publisher(server) as again:
        assert again.pending >= published
        assert again.flush(30)
        numbers = stored(server)
    assert numbers == list(range(len(numbers)))
    assert len(numbers) in (published, published + 1)  # one may be stored already and not reported yet


def test_a_bot_killed_in_the_midst_of_delivery_has_lost_nothing_and_says_nothing_twice(server: Served) -> None:
    server.start()
    with Mortal(server.url, server.token(), LOCATION, server.folder / "spool.db") as bot:
        while not stored(server):
            bot.published(100)
        published = bot.kill()
    with publisher(server) as again:
        assert again.flush(30)
        numbers = stored(server)
    assert numbers == list(range(len(numbers)))
    assert len(numbers) in (published, published + 1)


def test_a_server_killed_again_and_again_costs_no_event_and_no_order(server: Served) -> None:
    server.start()
    with publisher(server) as bot:
        for round_ in range(2):
            steps(bot, round_ * 1000, round_ * 1000 + 1000)
            server.kill()
            server.start()
        assert bot.flush(60)
        assert stored(server) == list(range(2000))


def test_a_bad_token_costs_no_event(server: Served) -> None:
    server.start()
    with publisher(server, token="nonsense") as bot:
        steps(bot, 0, 5)
        assert not bot.flush(60)
        assert isinstance(bot.trouble, Unauthenticated)
    with publisher(server) as mended:
        assert mended.flush(30)
        assert stored(server) == list(range(5))
