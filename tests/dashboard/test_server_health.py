"""The event server's health in the dashboard: asked once for all tabs, told on the wall, and its own report to it."""

import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests

from jorge_data.dashboard.context import AppContext
from jorge_data.dashboard.query.api_client import ApiClient
from jorge_data.dashboard.server_health import ANSWERED_WITHIN_S, ServerHealth
from jorge_data.events.envelope import OWN
from tests.dashboard.app_context import context_before, texts
from tests.dashboard.fake_event_server import FakeEventServer
from tests.dashboard.test_pages import visit
from tests.dashboard_process import before
from tests.served import Served
from tests.waiting import end, wait_until

FULL: dict[str, Any] = {
    "service": "jorge-events",
    "status": "failed",
    "ready": False,
    "parts": {"store": {"state": "failed", "why": "the disk is full", "since": "2026-12-01T09:00:00Z"}},
}
WELL: dict[str, Any] = {**FULL, "status": "ok", "ready": True, "parts": {}}
OLDER = {"service": "jorge-events", "status": "ok"}


class Passing:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def answering(body: Any, status: int = 200) -> Callable[[str, Any], tuple[int, Any]]:
    return lambda path, pairs: (status, body)


@pytest.mark.parametrize(
    ("body", "notice"),
    [(FULL, "Events cannot be stored: the disk is full."), (WELL, None), (OLDER, None), ([], None)],
    ids=["full", "well", "an older server", "another program"],
)
def test_the_notice_says_why_events_cannot_be_stored(body: Any, notice: str | None) -> None:
    with FakeEventServer(answering(body)) as server:
        health = ServerHealth(ApiClient(server.endpoint), 3000, lambda: ("healthy", ""))
        health.ask()
        assert health.notice == notice


def test_a_server_that_does_not_answer_any_more_is_not_taken_for_well() -> None:
    passing = Passing()
    with FakeEventServer(answering(WELL)) as server:
        health = ServerHealth(ApiClient(server.endpoint), 3000, lambda: ("healthy", ""), passing)
        health.ask()
        assert is_known(health)
        passing.now += ANSWERED_WITHIN_S + 1
        assert not is_known(health)
        health.ask()
        assert is_known(health)
        server.respond = answering({"error": {}}, 500)
        health.ask()
        assert not is_known(health)


def is_known(health: ServerHealth) -> bool:
    return health.newest is not None


def test_a_dashboard_whose_token_may_not_report_says_so_once_and_goes_on(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    refusal = {"error": {"code": "forbidden", "detail": "the role viewer may not report how a dashboard is"}}
    with FakeEventServer(answering(refusal, 403)) as server:
        health = ServerHealth(ApiClient(server.endpoint), 3000, lambda: ("healthy", ""))
        for _ in range(3):
            health.report()
    assert len([line for line in caplog.messages if "not among the components" in line]) == 1


def lane(served: Served) -> list[tuple[str, str]]:
    query = {"columns": "status,error_message", "where": "component:eq:dashboard", "order": "time"}
    page = served.get("/api/table", location=OWN, kind="system_health_update", **query)
    return [(status, why or "") for status, why in page["rows"]]


def health_of(url: str) -> dict[str, Any]:
    try:
        body: dict[str, Any] = requests.get(f"{url}/health", timeout=10).json()
    except requests.ConnectionError:  # it has not begun to listen
        return {"status": None}
    return body


def test_a_dashboard_reports_itself_and_one_that_was_killed_was_down(tmp_path: Path) -> None:
    with Served(tmp_path) as served:
        with before(served, tmp_path) as dashboard:
            wait_until(lambda: lane(served) == [("healthy", "")])
            wait_until(lambda: health_of(dashboard.url)["status"] == "ok")
            parts = health_of(dashboard.url)["parts"]
            assert {name: part["state"] for name, part in parts.items()} == {"feed": "ok", "event-server": "ok"}
        assert lane(served) == [("healthy", ""), ("down", "stopped")]
        with before(served, tmp_path) as dashboard:
            wait_until(lambda: len(lane(served)) == 3)
            end(dashboard.process, signal.SIGKILL)
            dashboard.start()
            # A start that takes less than five seconds is no outage; it is the same dashboard, in the same lane.
            wait_until(lambda: len(lane(served)) > 3 or health_of(dashboard.url)["status"] == "ok")
        told = [status for status, _ in lane(served)[2:]]
        assert told in (["healthy", "down", "healthy", "down"], ["healthy", "down"])
        assert lane(served)[-1] == ("down", "stopped")


def test_system_shows_what_the_server_is_made_of_and_the_product_itself(served: Served) -> None:
    with context_before(served, location="made-of") as context:
        context.server_health.report()
        app = visit("system", range="1 h")
    assert not app.exception
    frames = [frame.value for frame in app.dataframe]
    (parts,) = [frame for frame in frames if "part" in frame.columns]
    assert {"Store of events", "Archive of old events", "History"} <= set(parts["part"])
    assert any("our event server and dashboards" in text for text in texts(app))
    assert AppContext.current() is context
