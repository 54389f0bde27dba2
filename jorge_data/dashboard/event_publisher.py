"""Publish what a person does on "Needs you" as an event like any other: durable, on every screen, in the history."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from jorge_data.dashboard.query.api_client import ApiClient
from jorge_data.errors import RequestRefused
from jorge_data.events import new_id
from jorge_data.events.timestamps import micros, rfc3339

ACTIONS = frozenset({"acknowledged", "snoozed", "assigned", "reopened"})
LONGEST_SNOOZE_S = 7 * 86_400
SOURCE = "dashboard"


class AttentionPublisher:
    """Publish `attention_update` events to the event server."""

    def __init__(self, api: ApiClient, clock: Callable[[], float]) -> None:
        self._api, self._clock = api, clock

    def publish(self, location: str, user: str, request: dict[str, Any]) -> None:
        """Publish one action of a tab's request; raise RequestRefused where it is none, or the server refuses it."""
        item, action, snooze_s = request.get("item"), request.get("action"), request.get("until")
        if not isinstance(item, str) or action not in ACTIONS:
            raise RequestRefused(f"allowed actions are {', '.join(sorted(ACTIONS))}")
        data: dict[str, Any] = {"item": item, "action": action, "by": user}
        if isinstance(snooze_s, int) and 0 < snooze_s <= LONGEST_SNOOZE_S:
            until = datetime.fromtimestamp(self._clock(), UTC) + timedelta(seconds=snooze_s)
            data["until"] = rfc3339(micros(until))
        self._api.post("/events", event("attention_update", location, data))


def event(kind: str, location: str, data: dict[str, Any]) -> dict[str, Any]:
    """Return a new event of the dashboard itself, as the event server accepts it."""
    return {"id": new_id(), "source": SOURCE, "type": kind, "locationid": location, "data": data}
