"""The dashboard's figures over HTTP, as the routes of the app answer them."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, get_args

import pytest
from starlette.applications import Starlette
from starlette.routing import Route
from starlette.testclient import TestClient

from jorge_data.dashboard import http_routes
from jorge_data.dashboard.context import AppContext
from jorge_data.dashboard.login.own_token import OwnToken
from jorge_data.dashboard.push.connection_status import Shown, shown_state
from jorge_data.dashboard.server_health import ServerHealth
from jorge_data.events import Cursor
from jorge_data.feed import LATE, LOST, Feed, FeedStatus
from jorge_data.settings import Settings, read_settings
from tests.dashboard.app_context import here
from tests.dashboard.fake_feeds import HOME, NOON

PATH = "/api/dashboard/metrics"
FIGURES: dict[str, Any] = {
    "revenue": {"pipeline_value": 400_000.0},
    "qualification": {"hot": 3},
    "conversations": {"active": 7},
    "names": {"c1": "Ann Lee"},
}


def build(role: str, **settings: Any) -> AppContext:
    given: Settings = read_settings(
        _env_file=None, location=HOME, demo="0", socket_url="ws://127.0.0.1:9", role=role, **settings
    )
    context = AppContext.build(given, OwnToken())
    context.make_current()
    here(context).locations.get(HOME).take_figures(FIGURES, Cursor("e1", 1))
    return context


@pytest.fixture
def role() -> str:
    return "admin"


@pytest.fixture
def client(role: str) -> Iterator[TestClient]:
    context = build(role)
    with TestClient(Starlette(routes=[Route(PATH, http_routes.metrics)]), "http://localhost:3000") as client:
        yield client
    context.locations.close()


def test_the_figures_are_those_of_the_open_office(client: TestClient) -> None:
    figures = client.get(PATH).json()
    assert figures["revenue"]["pipeline_value"] == 400_000.0
    assert figures["position"] == {"epoch": "e1", "seq": 1}
    assert "names" not in figures


def test_another_name_for_this_address_is_refused(client: TestClient) -> None:
    response = client.get(PATH, headers={"Host": "evil.example"})
    assert response.status_code == 403
    assert response.json()["error"]["code"] == "forbidden"


def test_to_ask_for_figures_opens_no_office(client: TestClient) -> None:
    response = client.get(PATH, params={"location": "elsewhere"})
    assert response.status_code == 404
    assert response.json()["error"]["detail"] == "the office elsewhere is not open here: open it in the dashboard first"


@pytest.mark.parametrize("role", ["viewer"])
def test_a_viewer_is_told_no_money(client: TestClient) -> None:
    figures = client.get(PATH).json()
    assert (figures["revenue"], figures["qualification"], figures["conversations"]) == (None, None, None)
    assert figures["connection"]["state"]


CONNECTED = FeedStatus(HOME, "connected", NOON, "following", reachable=True, heartbeat_s=25)
POLLING = FeedStatus(HOME, "disconnected", NOON, "polling", reachable=True)


def health(monkeypatch: pytest.MonkeyPatch, status: FeedStatus | None, **settings: Any) -> dict[str, Any]:
    """Return the dashboard's health where its home feed is so, before an event server that is well."""
    context = build("admin", **settings)
    monkeypatch.setattr(Feed, "status", status)
    monkeypatch.setattr(ServerHealth, "newest", {"status": "ok"})
    try:
        with TestClient(Starlette(routes=[Route("/health", http_routes.health)]), "http://localhost:3000") as client:
            body: dict[str, Any] = client.get("/health").json()
        return body
    finally:
        monkeypatch.undo()
        context.locations.close()


def test_each_state_that_is_shown_is_one_of_the_part() -> None:
    assert http_routes.FEED_STATES.keys() == {*get_args(Shown), http_routes.UNUSED}


@pytest.mark.parametrize(
    ("heartbeats", "shown", "state", "status"),
    [(0.1, "live", "ok", "ok"), (LATE, "silent", "degraded", "degraded"), (LOST, "offline", "failed", "failed")],
)
def test_a_feed_that_is_silent_for_a_moment_is_not_well_and_shows_what_it_has(
    monkeypatch: pytest.MonkeyPatch, heartbeats: float, shown: Shown, state: str, status: str
) -> None:
    feed = replace(CONNECTED, silent_s=heartbeats * 25)
    assert shown_state(feed) == shown
    body = health(monkeypatch, feed)
    assert (body["feed"], body["parts"]["feed"]["state"], body["status"]) == (shown, state, status)
    assert body["ready"] == (state != "failed")


@pytest.mark.parametrize(("websocket", "state"), [(True, "degraded"), (False, "ok")])
def test_to_poll_is_not_well_where_a_websocket_was_to_be_held(
    monkeypatch: pytest.MonkeyPatch, websocket: bool, state: str
) -> None:
    body = health(monkeypatch, POLLING, enable_websocket=websocket)
    assert (body["parts"]["feed"]["state"], body["status"], body["ready"]) == (state, state, True)
