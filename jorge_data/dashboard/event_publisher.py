"""Publish what a person does on "Needs you" as an event like any other: durable, on every screen, in the history."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from jorge_data.dashboard.query.api_client import ApiClient
from jorge_data.errors import RequestRefused
from jorge_data.events import new_id, parse_moment
from jorge_data.events.timestamps import micros, rfc3339
from jorge_data.metrics.colleagues import Colleague
from jorge_data.metrics.wall.next_tries import LONGEST_AHEAD

ACTIONS = frozenset({"acknowledged", "snoozed", "assigned", "reopened", "called", "noted", "undone"})
TEXTS = ("outcome", "note")
"""What an action may say besides, as it was written; the event server says which outcomes there are."""

NO_CONTACT = frozenset({"bot", "component"})
"""Kinds of item that are about no contact."""

PUBLISHED_WITHIN_S = 2.5
"""Longest that an action waits for the event server: its buttons have an answer within 5 s, also by the second way."""

SOURCE = "dashboard"
_WRITTEN = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}")
_REF = re.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class AttentionPublisher:
    """Publish `attention_update` events to the event server; what a person writes is by the office's clock."""

    def __init__(self, clock: Callable[[], float], zone: ZoneInfo) -> None:
        self._clock, self._zone = clock, zone

    def publish(
        self, api: ApiClient, location: str, user: Colleague, request: dict[str, Any], owner: Colleague | None = None
    ) -> None:
        """Publish one action of a tab's request as this user, by his token.

        Raise RequestRefused where it is none, or the server refuses it. What is assigned about a contact assigns the
        contact too, where its owner works as an agent: else he might not see what he was given.

        The request's `ref`, a UUID that the tab chose, is the event's id: whichever way it comes and however often, it
        is stored once. Raise Unavailable where it is not known whether it is stored.
        """
        item, action = request.get("item"), request.get("action")
        if not isinstance(item, str) or action not in ACTIONS:
            raise RequestRefused(f"allowed actions are {', '.join(sorted(ACTIONS))}")
        data: dict[str, Any] = {"item": item, "action": action, "by": user.name}
        if action == "assigned" and owner is not None and owner.name != user.name:
            data["to"] = owner.name
        data |= {name: request[name] for name in TEXTS if request.get(name) and isinstance(request[name], str)}
        if request.get("until") is not None:
            data["until"] = rfc3339(micros(self._ahead(request["until"])))
        ref = _checked_id(request.get("ref"))
        events = [event("attention_update", location, data, ref)]
        kind, _, contact = item.partition(":")
        if action == "assigned" and owner and owner.agent_id and contact and kind not in NO_CONTACT:
            changed = {"assigned_to": {"to": owner.agent_id}}
            given = {"contact_id": contact, "assigned_to": owner.agent_id, "changed": changed}
            events.append(event("contact_update", location, given, f"{ref}-contact"))
        api.post("/events?together=true", events, PUBLISHED_WITHIN_S)

    def _ahead(self, until: Any) -> datetime:
        """Return the moment that was chosen; raise RequestRefused where it is none, or not ahead."""
        try:
            at = self._read(until) if isinstance(until, str) else None
        except ValueError:
            at = None
        now = datetime.fromtimestamp(self._clock(), UTC)
        if at is None or not now < at <= now + LONGEST_AHEAD:
            raise RequestRefused("Choose a time within the next year")
        return at

    def _read(self, until: str) -> datetime:
        """Return a moment that an item offered, or a time that a person wrote; raise ValueError."""
        if not _WRITTEN.fullmatch(until):
            return parse_moment(until)
        return datetime.fromisoformat(until).replace(tzinfo=self._zone).astimezone(UTC)


def _checked_id(ref: Any) -> str:
    if not isinstance(ref, str) or not _REF.fullmatch(ref):
        raise RequestRefused("ref is not a UUID, as 0198b7a4-5c1e-4a55-9d0c-3f3f2f1f0f0e")
    return ref


def event(kind: str, location: str, data: dict[str, Any], id_: str | None = None) -> dict[str, Any]:
    """Return a new event of the dashboard itself, as the event server accepts it."""
    return {"id": id_ or new_id(), "source": SOURCE, "type": kind, "locationid": location, "data": data}
