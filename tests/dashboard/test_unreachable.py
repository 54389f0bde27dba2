"""Analytics pages whose event server does not answer, or not yet: each stands, and each of its figures says so."""

from collections.abc import Iterator
from contextlib import closing

import pytest

from jorge_data.dashboard.context import AppContext
from jorge_data.dashboard.login.own_token import OwnToken
from jorge_data.settings import read_settings
from tests.dashboard.app_context import metrics, texts
from tests.dashboard.fake_event_server import FakeEventServer
from tests.dashboard.test_pages import build, visit


@pytest.fixture
def context() -> Iterator[AppContext]:
    context = build()
    yield context
    context.queries.close()
    context.locations.close()


@pytest.mark.parametrize("path", ["qualification", "sequences", "revenue"])
@pytest.mark.usefixtures("context")
def test_every_figure_is_not_available_and_says_why(path: str) -> None:
    app = visit(path)
    assert not app.exception
    assert set(metrics(app).values()) == {"not available"}
    assert "the event server does not answer; try again in a moment" in texts(app)


@pytest.mark.parametrize("path", ["qualification", "sequences", "revenue"])
def test_while_a_history_is_counted_the_page_says_once_how_far_it_is(path: str) -> None:
    counting = "the history of home is being counted, 3 of 9 events so far"
    with FakeEventServer(lambda path, pairs: (503, {"error": {"code": "behind", "detail": counting}})) as server:
        url = server.endpoint.socket_url
        context = AppContext.build(
            read_settings(_env_file=None, demo="0", location="home", socket_url=url), OwnToken("token")
        )
        with closing(context.queries), closing(context.locations):
            context.make_current()
            app = visit(path)
    assert not app.exception
    assert set(metrics(app).values()) == {"not yet"}
    assert texts(app).count(counting) == 1
    assert not app.error
