"""Every page runs in Streamlit's own test harness, before an event server that does not answer."""

from collections.abc import Hashable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from jorge_data.dashboard.context import AppContext
from jorge_data.dashboard.login.own_token import OwnToken
from jorge_data.dashboard.push import location_registry
from jorge_data.dashboard.push.location_registry import TOO_MANY
from jorge_data.dashboard.query.cached_client import CachedQueryClient, QueryRequest
from jorge_data.dashboard.query.responses import QueryResponse
from jorge_data.dashboard.ui import navigation
from jorge_data.events import Cursor
from jorge_data.settings import Settings, read_settings
from tests.dashboard.app_context import here
from tests.dashboard.fake_feeds import HOME

SCRIPT = Path(navigation.__file__).parents[1] / "streamlit_script.py"


def build(**given: object) -> AppContext:
    settings: Settings = read_settings(
        _env_file=None, **{"location": HOME, "demo": "0", "socket_url": "ws://127.0.0.1:9"} | given
    )
    context = AppContext.build(settings, OwnToken())
    context.make_current()
    return context


@pytest.fixture
def context() -> Iterator[AppContext]:
    context = build()
    yield context
    context.locations.close()


def visit(path: str = "", **query: str) -> AppTest:
    """Open a page as a link would, its details open unless the link says otherwise."""
    app = AppTest.from_file(SCRIPT, default_timeout=20)
    for name, value in ({"details": "true"} | query).items():
        app.query_params[name] = value
    app.run()
    if path:
        entry = next(entry for entry in navigation.ENTRIES if entry.path == path)
        app.switch_page(str(navigation.PAGES / entry.file)).run()
    return app


@pytest.mark.parametrize("path", [entry.path for entry in navigation.ENTRIES])
@pytest.mark.usefixtures("context")
def test_every_page_runs(path: str) -> None:
    assert not visit(path).exception


@pytest.mark.parametrize("path", [entry.path for entry in navigation.ENTRIES])
@pytest.mark.parametrize("range_", ["1 h", "24 h", "7 d", "90 d"])
@pytest.mark.usefixtures("context")
def test_no_two_questions_of_a_page_take_each_others_place_in_the_cache(
    path: str, range_: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    requests: set[tuple[Hashable, QueryRequest]] = set()
    cached_response = CachedQueryClient._cached_response

    def recorded(self: CachedQueryClient, each: QueryRequest) -> QueryResponse:
        requests.add((self._key(each), each))
        return cached_response(self, each)

    monkeypatch.setattr(CachedQueryClient, "_cached_response", recorded)
    visit(path, range=range_)
    keys = [key for key, _ in requests]
    assert [key for key in keys if keys.count(key) > 1] == []


def test_components_are_listed_as_they_reported(context: AppContext) -> None:
    report = {"status": "down", "since": "2026-11-23T18:00:00Z", "response_time_ms": 3.0, "error_message": None}
    here(context).locations.get(HOME).take_figures({"system": {"components": {"redis": report}}}, Cursor("e1", 1))
    app = visit("system")
    assert not app.exception
    assert any("component" in frame.value.columns for frame in app.dataframe)


@pytest.mark.parametrize("query", [{"location": "one-more"}, {}], ids=["an office", "the home office, or the demo"])
def test_where_too_many_look_that_is_told_in_one_sentence(
    query: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Which office is shown without a link depends on whether one's own has an event, for which its feed is opened."""
    monkeypatch.setattr(location_registry, "MOST_FEEDS", 3)
    context = build(demo="1")
    try:
        for number in range(3):
            here().locations.get(f"office-{number}")
        app = visit(**query)
        assert [error.value for error in app.error] == [TOO_MANY]
        assert not app.exception
    finally:
        context.locations.close()


@pytest.mark.usefixtures("context")
def test_a_contact_that_cannot_be_read_is_told_in_one_sentence() -> None:
    app = AppTest.from_file(SCRIPT, default_timeout=20)
    app.query_params["contact"] = "c1"
    app.run()
    app.switch_page(str(navigation.PAGES / "conversations.py"))
    app.query_params["contact"] = "c1"
    app.run()
    assert "This part could not be read." in [error.value for error in app.error]
    assert "the event server does not answer; try again in a moment" in [text.value for text in app.text]


@pytest.mark.usefixtures("context")
def test_the_time_range_of_a_link_is_the_one_chosen() -> None:
    scope = visit("ml", range="7 d").session_state["scope"]
    assert scope.end - scope.start == timedelta(days=7)


def test_a_viewer_finds_the_wall_and_the_system_alone() -> None:
    context = build(role="viewer")
    assert set(navigation.pages("viewer")) == {navigation.HOME, "system"}
    assert not visit().exception
    context.locations.close()
