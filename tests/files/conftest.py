"""A location with something of everything, and clients of it."""

import re
from collections.abc import Iterator
from itertools import islice
from typing import Any

import pytest

from jorge_data.bots import Client
from jorge_data.demo.history import HistoryId, history
from jorge_data.demo.story import RelativeDate
from jorge_data.events import parse_moment
from tests.served import Served

Json = dict[str, Any]
ODD: list[Json] = [
    {"name": "true", "changed": {"tags": {"from": None, "to": ["a", {"b": 1}]}}, "tags_added": [], "score": 1.5},
    {"name": "", "changed": {}, "note": "42", "empty": "", "nothing": None, "flag": True},
    {"name": 'He said "no",\r\nthen; left\n', "changed": {}, "tags_added": None, "data": {"data.x": "=1+1"}},
    {"name": "null", "changed": {}, "big": 2**63, "text": "{}"},
]


def odd(number: int, data: Json) -> Json:
    return {"id": f"odd-{number}", "source": "tests", "type": "contact_update", "data": {"contact_id": "c", **data}}


@pytest.fixture
def location(request: pytest.FixtureRequest) -> str:
    return re.sub(r"[^A-Za-z0-9._~-]", "-", request.node.nodeid.split("/")[-1])[:128]


@pytest.fixture
def client(served: Served) -> Iterator[Client]:
    with Client(served.url, served.token()) as client:
        yield client


@pytest.fixture
def filled(client: Client, location: str) -> str:
    """A location with an hour of everybody's events, and with values that a table finds hard."""
    begin = parse_moment("2026-03-01T12:00:00Z")
    entries = islice(history(HistoryId(7, begin), 20), 1200)
    events = [
        {**event, "time": "2026-02-20T10:00:00.123456+01:00", "data": dated(event["data"])} for _, event in entries
    ]
    strange = [odd(number, data) for number, data in enumerate(ODD)]
    client.publish({**event, "locationid": location} for event in [*strange, *events])
    return location


def dated(data: Json) -> Json:
    written = {"date": "2026-03-03", "moment": "2026-03-03T10:00:00Z"}
    return {name: written[value.form] if isinstance(value, RelativeDate) else value for name, value in data.items()}


def contents(client: Client, location: str) -> list[Json]:
    """Return a location's events without what the server sets for itself."""
    events: list[Json] = []
    after = "oldest"
    while True:
        page = client.request("GET", f"/events?location={location}&after={after}&limit=1000")
        events += page["events"]
        if page["position"] >= page["top"]:
            break
        after = f"{page['epoch']}:{page['position']}"
    ours = ("seq", "epoch", "receivedat", "locationid", "priority")
    return [{name: value for name, value in event.items() if name not in ours} for event in events]
