"""The dashboard's figures over HTTP, as the routes of the app answer them."""

from collections.abc import Iterator
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.routing import Route
from starlette.testclient import TestClient

from jorge_data.dashboard import http_routes
from jorge_data.dashboard.context import AppContext
from jorge_data.dashboard.login.own_token import OwnToken
from jorge_data.events import Cursor
from jorge_data.settings import Settings, read_settings
from tests.dashboard.app_context import here
from tests.dashboard.fake_feeds import HOME

PATH = "/api/dashboard/metrics"
FIGURES: dict[str, Any] = {
    "revenue": {"pipeline_value": 400_000.0},
    "qualification": {"hot": 3},
    "conversations": {"active": 7},
    "names": {"c1": "Ann Lee"},
}


def build(role: str) -> AppContext:
    settings: Settings = read_settings(
        _env_file=None, location=HOME, demo="0", socket_url="ws://127.0.0.1:9", role=role
    )
    context = AppContext.build(settings, OwnToken())
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
