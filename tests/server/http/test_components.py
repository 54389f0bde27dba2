"""What the product reports of itself: in a location of its own, that is no office, and that nobody else writes to."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from jorge_data.events.envelope import OWN
from tests.faketime import clock_off_by
from tests.served import Served, bot_status

REPORT = {"instance": "office:3000", "started": "2026-12-01T09:00:00Z", "status": "healthy"}


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Served]:
    with Served(tmp_path) as server:
        yield server


@pytest.fixture(scope="module")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server for those who change nothing that it reports of itself, and nothing of its offices."""
    with Served(tmp_path_factory.mktemp("standing")) as server:
        yield server


def reports(served: Served, component: str = "event-server") -> list[tuple[str, str]]:
    columns = {"columns": "status,error_message", "where": f"component:eq:{component}", "order": "time"}
    page = served.get("/api/table", location=OWN, kind="system_health_update", **columns)
    return [(status, why or "") for status, why in page["rows"]]


def test_a_server_that_is_stopped_says_so(own: Served) -> None:
    assert reports(own) == [("healthy", "")]
    own.stop()
    own.start()
    assert reports(own) == [("healthy", ""), ("down", "stopped"), ("healthy", "")]


def test_a_server_that_was_killed_was_down_since_it_was_last_alive(own: Served) -> None:
    own.kill()
    own.environment |= clock_off_by("+50m")
    own.start()
    assert reports(own) == [("healthy", ""), ("down", "ended without a word"), ("healthy", "")]
    shares = own.get("/api/series", location=OWN, kind="component_time", measure="duration_s", agg="sum", by="status")
    down_s = {status: value for _, status, value, _ in shares["rows"]}["down"]
    assert 2900 < down_s < 3100, "fifty minutes, and what it took to start"


def test_it_is_no_office_and_no_office_gets_its_events(own: Served) -> None:
    own.post(bot_status(locationid="office"))
    assert [log["location"] for log in own.get("/api/locations")["locations"]] == ["office"]
    assert [event["seq"] for event in own.get("/events", location="office", after="oldest")["events"]] == [1]
    with own.connect() as client:
        assert OWN not in json.loads(client.recv())["locations"]


def test_nobody_else_publishes_there(standing: Served) -> None:
    forged = {"component": "event-server", "status": "down", "response_time_ms": 1}
    event = bot_status(locationid=OWN) | {"type": "system_health_update", "data": forged}
    refused = standing.post(event)
    assert refused.status_code == 422
    assert "product's own location" in refused.json()["results"][0]["error"]["detail"]
    assert reports(standing) == [("healthy", "")]


def ask(served: Served, headers: dict[str, str]) -> int:
    query = {"location": OWN, "kind": "component_time", "by": "component"}
    return served.session.get(f"{served.url}/api/series", params=query, headers=headers, timeout=10).status_code


def test_who_may_see_the_system_reads_it_though_the_token_is_of_one_office(standing: Served) -> None:
    assert ask(standing, standing.bearer("manager", location="office")) == 200
    assert ask(standing, standing.bearer("agent")) == 403
    assert ask(standing, standing.bearer("viewer", location="office")) == 403


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"instance": "a b"}, "instance"),
        ({"started": "yesterday"}, "started"),
        ({"status": "down"}, "status"),
        ({"response_time_ms": -1}, "response_time_ms"),
        ({"why": "x" * 501}, "why"),
        ({"more": 1}, "more"),
    ],
)
def test_a_report_that_is_none_names_the_field(standing: Served, wrong: dict[str, Any], said: str) -> None:
    url = f"{standing.url}/api/components/dashboard"
    good = standing.session.post(url, json=REPORT, headers=standing.bearer(), timeout=10)
    assert good.status_code == 204
    bad = standing.session.post(url, json=REPORT | wrong, headers=standing.bearer(), timeout=10)
    assert bad.status_code == 422
    assert bad.json()["error"]["faults"][0]["pointer"] == f"/body/{said}"
    assert reports(standing, "dashboard") == [("healthy", "")]


def test_a_dashboard_that_ends_is_told_of_at_once(own: Served) -> None:
    url = f"{own.url}/api/components/dashboard"
    for report in (REPORT, REPORT | {"ending": True}):
        own.session.post(url, json=report, headers=own.bearer(), timeout=10).raise_for_status()
    assert reports(own, "dashboard") == [("healthy", ""), ("down", "stopped")]
