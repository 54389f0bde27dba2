"""What can come in, what is on and what has come: counts and yes or no, never a secret."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from tests.redis import RedisServer
from tests.served import Served, bot_status
from tests.waiting import wait_until

SECRET = "a-secret-of-the-workflow"


@pytest.fixture(scope="module")
def connected(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Served, RedisServer]]:
    """A server with a workflow's secret and a Redis, and nothing else."""
    with RedisServer(tmp_path_factory.mktemp("redis")) as redis:
        folder = tmp_path_factory.mktemp("connected")
        with Served(folder, JORGE_REDIS_URL=redis.url, JORGE_WORKFLOW_SECRET=SECRET) as server:
            yield server, redis


def sources(served: Served, **query: str) -> dict[str, Any]:
    return {each["name"]: each for each in served.get("/api/sources", **query)["sources"]}


def test_what_is_not_set_is_off_and_names_its_setting(served: Served) -> None:
    assert {name: (each["on"], each["setting"]) for name, each in sources(served).items()} == {
        "ghl": (True, "JORGE_GHL_PUBLIC_KEY"),
        "ghl-workflow": (False, "JORGE_WORKFLOW_SECRET"),
        "ghl-sync": (False, "JORGE_GHL_TOKEN and JORGE_GHL_LOCATION"),
        "retell": (False, "JORGE_RETELL_API_KEY"),
        "redis": (False, "JORGE_REDIS_URL"),
    }


def test_deliveries_are_counted_by_their_way_and_location(connected: tuple[Served, RedisServer]) -> None:
    server, _ = connected
    assert sources(server)["ghl-workflow"]["received"] == 0
    event = bot_status(locationid="here")
    requests.post(
        f"{server.url}/webhooks/ghl/workflow", json=event, headers={"X-Jorge-Webhook-Secret": SECRET}, timeout=10
    ).raise_for_status()
    workflow = sources(server)["ghl-workflow"]
    assert (workflow["on"], workflow["received"]) == (True, 1)
    assert workflow["last_received"] is not None
    assert sources(server, location="here")["ghl-workflow"]["received"] == 1
    assert sources(server, location="there")["ghl-workflow"]["received"] == 0


def test_what_was_refused_is_told_with_its_reason_and_without_what_was_sent(
    connected: tuple[Served, RedisServer],
) -> None:
    server, _ = connected
    for wrong in ("a-wrong-secret-of-mine", "another-one-of-mine"):
        answer = requests.post(
            f"{server.url}/webhooks/ghl/workflow",
            json={"contact_id": "ann-of-nobody"},
            headers={"X-Jorge-Webhook-Secret": wrong},
            timeout=10,
        )
        assert answer.status_code == 401
    (refused,) = sources(server)["ghl-workflow"]["refused"]
    assert (refused["why"], refused["code"]) == (
        "X-Jorge-Webhook-Secret is not the one of this server",
        "unauthenticated",
    )
    assert (refused["times"], refused["first"] < refused["last"]) == (2, True)
    assert sources(server)["ghl"]["refused"] == []
    answer = server.session.get(f"{server.url}/api/sources", headers=server.bearer(), timeout=10)
    assert not [sent for sent in ("of-mine", "ann-of-nobody", SECRET) if sent in answer.text]
    bound = requests.get(f"{server.url}/api/sources", headers=server.bearer("admin", "here"), timeout=10).json()
    assert [each["refused"] for each in bound["sources"]] == [[]] * 5, "it is of no office"


def test_what_comes_from_redis_is_counted(connected: tuple[Served, RedisServer]) -> None:
    server, redis = connected
    wait_until(lambda: bool(redis.client.exists("jorge_events")))
    redis.add("jorge_events", event=json.dumps(bot_status()))
    wait_until(lambda: sources(server)["redis"]["received"] == 1)
    assert sources(server)["redis"]["last_received"] is not None


def test_no_secret_is_told(connected: tuple[Served, RedisServer]) -> None:
    server, redis = connected
    answer = server.session.get(f"{server.url}/api/sources", headers=server.bearer(), timeout=10)
    assert SECRET not in answer.text
    assert redis.url not in answer.text


def test_who_may_not_read_is_not_told(guarded: Served) -> None:
    answer = requests.get(f"{guarded.url}/api/sources", headers=guarded.bearer("publisher"), timeout=10)
    assert answer.status_code == 403
