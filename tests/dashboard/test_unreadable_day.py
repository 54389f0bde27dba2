"""A day of the archive that cannot be read, on a page: what is missing is said, and the rest is shown."""

from collections.abc import Iterator

import pytest

from jorge_data.dashboard.context import AppContext
from jorge_data.dashboard.login.own_token import OwnToken
from jorge_data.events import KINDS
from jorge_data.settings import read_settings
from tests.dashboard.app_context import texts
from tests.dashboard.fake_event_server import FakeEventServer, Pairs, series
from tests.dashboard.test_pages import visit

FILE = "office/2026-07-01.parquet"


def respond(path: str, pairs: Pairs) -> tuple[int, object]:
    """Answer every question with a figure that lacks a day."""
    kind = dict(pairs).get("kind", "")
    if path != "/api/series" or kind not in KINDS:
        return 404, {"error": {"code": "not_found", "detail": "nothing else is here"}}
    status, body = series()
    return status, {**body, "exact": False, "left_out": [FILE]}


@pytest.fixture
def context() -> Iterator[AppContext]:
    with FakeEventServer(respond) as server:
        address = server.endpoint.socket_url
        context = AppContext.build(
            read_settings(_env_file=None, demo="0", location="office", socket_url=address), OwnToken()
        )
        context.make_current()
        yield context
        context.queries.close()
        context.locations.close()


@pytest.mark.usefixtures("context")
def test_a_page_says_which_day_is_missing_in_its_figures() -> None:
    app = visit("properties", range="7 d")
    assert any("A day is missing here" in warning.value for warning in app.warning)
    assert FILE in texts(app)
