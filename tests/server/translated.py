"""What became of deliveries: asked again until the server has translated them."""

import time
from typing import Any

from tests.served import Served

WITHIN_S = 20.0


def settled(served: Served, location: str) -> list[dict[str, Any]]:
    """Return a location's deliveries, newest first, once none of them waits."""
    deadline = time.monotonic() + WITHIN_S
    while True:
        rows: list[dict[str, Any]] = served.get("/api/deliveries", location=location)["deliveries"]
        if all(row["state"] != "pending" for row in rows):
            return rows
        assert time.monotonic() < deadline, rows


def events(served: Served, location: str, count: int) -> list[dict[str, Any]]:
    """Return a location's events, which are so many once nothing waits."""
    settled(served, location)
    found: list[dict[str, Any]] = served.get("/events", location=location, after="oldest", limit=1000)["events"]
    assert len(found) == count, found
    return found
