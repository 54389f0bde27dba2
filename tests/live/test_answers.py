"""The dashboard's figures over HTTP, as the routes of the app answer them."""

from collections.abc import Iterator
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.routing import Route
from starlette.testclient import TestClient

from jorge_data.live import answers
from jorge_data.live.house import House
from jorge_data.settings import Settings, read_settings
from tests.live.street import HOME, event

PATH = "/api/dashboard/metrics"
DEAL: dict[str, Any] = {"deal_id": "d", "deal_value": 400_000.0, "status": "open"}


def build(role: str) -> House:
    settings: Settings = read_settings(
        _env_file=None, location=HOME, demo="0", socket_url="ws://127.0.0.1:9", role=role
    )
    house = House.build(settings, "")
    house.move_in()
    house.offices.get(HOME).deliver([event(1, kind="commission_update", **DEAL)], 0.0)
    return house


@pytest.fixture
def role() -> str:
    return "admin"


@pytest.fixture
def client(role: str) -> Iterator[TestClient]:
    house = build(role)
    with TestClient(Starlette(routes=[Route(PATH, answers.metrics)]), "http://localhost:3000") as client:
        yield client
    house.offices.close()


def test_the_figures_are_those_of_the_open_office(client: TestClient) -> None:
    assert client.get(PATH).json()["revenue"]["pipeline_value"] == 400_000.0


def test_another_name_for_this_address_is_refused(client: TestClient) -> None:
    answer = client.get(PATH, headers={"Host": "evil.example"})
    assert answer.status_code == 403
    assert answer.json()["error"]["code"] == "forbidden"


def test_to_ask_for_figures_opens_no_office(client: TestClient) -> None:
    answer = client.get(PATH, params={"location": "elsewhere"})
    assert answer.status_code == 404
    assert answer.json()["error"]["detail"] == "the office elsewhere is not open here: open it in the dashboard first"


@pytest.mark.parametrize("role", ["viewer"])
def test_a_viewer_is_told_no_money(client: TestClient) -> None:
    figures = client.get(PATH).json()
    assert (figures["revenue"], figures["qualification"], figures["conversations"]) == (None, None, None)
    assert figures["connection"]["state"]
