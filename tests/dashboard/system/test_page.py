"""The page of the system: uptime, what was refused, and who may see it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from jorge_data.dashboard.context import AppContext
from tests.dashboard.app_context import context_before, context_with, metrics, past_event, texts
from tests.dashboard.test_pages import visit
from tests.served import Served
from tests.server.webhook.ghl import SECRET, work
from tests.server.webhook.translated import settled


def report(minutes_ago: float, status: str = "healthy", component: str = "redis") -> dict[str, Any]:
    return past_event("system_health_update", minutes_ago, component=component, status=status, response_time_ms=20.0)


@pytest.fixture
def context(served: Served) -> Iterator[AppContext]:
    """Redis was up for thirty minutes, then down for ten, then up again for the last ten."""
    reports = [report(50), report(40), report(30), report(20, "down"), report(10)]
    with context_with(served, *reports) as context:
        yield context


@pytest.mark.usefixtures("context")
def test_uptime_is_the_share_of_the_known_time() -> None:
    app = visit("system", range="1 h")
    assert not app.exception
    figures = metrics(app)
    assert figures["Uptime"] == "80 %"
    assert (figures["Half of the answers within"], figures["Events"]) == ("20 ms", "5")
    assert "✕ target ≥ 99.5 %, missed" in texts(app)


@pytest.mark.usefixtures("context")
def test_time_of_which_no_report_speaks_is_told_as_unknown() -> None:
    assert metrics(visit("system", range="1 h"))["Unknown time"].startswith(("9 m", "10 m", "11 m"))


def test_an_outage_counts_while_it_lasts(served: Served) -> None:
    with context_with(served, *(report(30, component="db"), report(20, component="db"), report(9, "down", "db"))):
        app = visit("system", range="1 h")
        assert not app.exception
        assert metrics(app)["Uptime"].startswith(("69.", "70"))
        assert any("1 of 1 part below 99.5 %; least Db" in text for text in texts(app))


def test_a_single_report_of_down_is_an_outage_until_the_next_one(served: Served) -> None:
    with context_with(served, report(20, "down", "db")):
        app = visit("system", range="1 h")
        assert (metrics(app)["Uptime"], metrics(app)["Unknown time"]) in (("0 %", "40 m"), ("0 %", "41 m"))
        assert not any("No component reported" in text for text in texts(app))


def test_without_a_report_uptime_is_no_data_and_not_zero(served: Served) -> None:
    with context_with(served):
        app = visit("system")
        assert not app.exception
        assert metrics(app)["Uptime"] == "no data"
        assert any("No part reported how it is in this period" in text for text in texts(app))


def test_what_was_refused_is_listed_with_its_reason(served: Served) -> None:
    with context_with(served, report(1)) as context:
        bad = {**report(1, "asleep"), "locationid": context.settings.location}
        assert served.post([bad]).status_code == 422
        app = visit("system")
        assert metrics(app)["Rejected events"] == "1"
        reasons = [frame.value["reason"] for frame in app.dataframe if "reason" in frame.value.columns]
        assert "/data/status is 'asleep'" in reasons[0].iloc[0]


def test_a_viewer_sees_the_components_and_nothing_that_tells_of_contacts(served: Served) -> None:
    failed = report(2, "down", "crm")
    failed["data"]["error_message"] = "no write of Maria"
    with context_with(served, failed, report(1), role="viewer"):
        app = visit("system", range="1 h")
        assert not app.exception
        assert "Uptime" in metrics(app)
        assert not {"Rejected events", "Webhook deliveries"} & metrics(app).keys()
        assert not any("reason" in frame.value.columns for frame in app.dataframe)
        now = next(frame.value for frame in app.dataframe if "since" in frame.value.columns)
        assert set(now["component"]) == {"crm", "redis"}
        assert list(now.columns) == ["component", "status", "since", "response"]
        assert not any("Maria" in frame.value.to_string() for frame in app.dataframe)


@pytest.mark.parametrize(("role", "shown"), [("viewer", False), ("agent", False), ("manager", True), ("admin", True)])
def test_the_servers_own_figures_are_for_those_who_run_it(served: Served, role: str, shown: bool) -> None:
    with context_with(served, report(1), role=role):
        app = visit("system", range="1 h")
        assert not app.exception
        assert ("Live connections" in metrics(app)) is shown
        counts = [frame for frame in app.dataframe if "Size of the store" in frame.value.to_string()]
        assert bool(counts) is shown


def test_a_delivery_with_a_wrong_secret_is_listed_with_its_reason(tmp_path: Path) -> None:
    with Served(tmp_path, JORGE_WORKFLOW_SECRET=SECRET) as server, context_before(server, location="office"):
        assert [work(server, {}, "not that secret").status_code for _ in range(2)] == [401, 401]
        app = visit("system")
    assert not app.exception
    (row,) = (frame.value.iloc[0] for frame in app.dataframe if "reason" in frame.value.columns)
    assert (row["source"], row["times"], row["reason"]) == (
        "ghl-workflow",
        2,
        "X-Jorge-Webhook-Secret is not the one of this server",
    )
    assert "2 deliveries were refused since the server began, and not kept:" in texts(app)
    assert any("No event was refused. 2 deliveries were: see Webhook deliveries." in text for text in texts(app))


@pytest.mark.parametrize(("role", "listed"), [("agent", True), ("viewer", False)])
def test_why_a_delivery_failed_is_listed_where_the_dashboards_token_is_told(
    tmp_path: Path, role: Any, listed: bool
) -> None:
    with Served(tmp_path, JORGE_WORKFLOW_SECRET=SECRET) as server:
        assert work(server, {"contact_id": "x" * 129, "full_name": "X", "location_id": "office"}).status_code == 200
        deal = {"opportunity_id": "d", "status": "lost", "location_id": "office"}
        assert [work(server, deal | {"noise": n}).status_code for n in range(2)] == [200, 200]
        settled(server, "office")
        with context_before(server, server.token(role), location="office"):
            app = visit("system")
    assert not app.exception
    reasons = [list(frame.value["reason"]) for frame in app.dataframe if "reason" in frame.value.columns]
    expected = ["it says nothing that was not known", f"id is '{'x' * 30}"]
    assert [[reason[: len(start)] for reason, start in zip(each, expected, strict=True)] for each in reasons] == (
        [expected] * listed
    )
    assert any(text.startswith("1 failed, 1 ignored") for text in texts(app))
