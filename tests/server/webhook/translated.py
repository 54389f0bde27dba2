"""The events of deliveries: read again until the server has translated them."""

from typing import Any

from tests.served import Served
from tests.waiting import wait_until


def settled(served: Served, location: str) -> list[dict[str, Any]]:
    """Return a location's deliveries, newest first, once none of them waits."""
    rows: list[dict[str, Any]] = []

    def none_waits() -> bool:
        rows[:] = served.get("/api/deliveries", location=location)["deliveries"]
        return all(row["state"] != "pending" for row in rows)

    wait_until(none_waits)
    return rows


def events(served: Served, location: str, count: int) -> list[dict[str, Any]]:
    """Return a location's events, which are so many once nothing waits."""
    settled(served, location)
    events: list[dict[str, Any]] = served.get("/events", location=location, after="oldest", limit=1000)["events"]
    assert len(events) == count, events
    return events
