"""Attention actions: what people did about what needs a human."""

from collections.abc import Container
from typing import Any, NamedTuple

from jorge_data.events import Event, parse_moment
from jorge_data.events.timestamps import DAY, HOUR, micros

RETENTION = 30 * DAY
MAX_ACTS = 5_000
"""Most items whose last act is remembered past an hour."""

SNOOZE = HOUR


class AttentionAction(NamedTuple):
    """The newest act on an item, and who took it when."""

    at: int = 0
    acknowledged: bool = False
    until: int = 0
    mine: str | None = None
    mine_at: int = 0

    def hides(self, since: int, again: int, now: int) -> bool:
        """Return whether an item open since then, and opened again then, is out of sight now.

        A new happening brings back what was acknowledged; what was snoozed comes back when the time is up,
        or when it had closed and opens again.
        """
        return (self.acknowledged and self.at >= again) or (self.until > now and self.at >= since)

    def owner(self, since: int) -> str | None:
        """Return who has taken the item that is open since then."""
        return self.mine if self.mine_at >= since else None


class AttentionActions:
    """Keep the newest act on each item for 30 days."""

    def __init__(self) -> None:
        self._by_item: dict[str, AttentionAction] = {}

    def apply(self, event: Event, at: int) -> None:
        was = self.on(event.data["item"])
        if at >= was.at:
            self._by_item[event.data["item"]] = _acted(was, event.data, at)

    def on(self, item: str) -> AttentionAction:
        """Return the newest act on an item."""
        return self._by_item.get(item) or AttentionAction()

    def expire(self, at: int, contacts: Container[str]) -> None:
        """Forget acts of more than 30 days ago, and the oldest beyond MAX_ACTS."""
        newest = sorted(self._by_item.items(), key=lambda item: item[1].at)[-MAX_ACTS:]
        self._by_item = {item: act for item, act in newest if act.at >= at - RETENTION}

    def dump(self) -> dict[str, Any]:
        return {item: list(act) for item, act in self._by_item.items()}

    def load(self, dump: dict[str, Any]) -> None:
        self._by_item = {item: AttentionAction(*row) for item, row in dump.items()}


def _acted(was: AttentionAction, data: dict[str, Any], at: int) -> AttentionAction:
    still = AttentionAction(at, mine=was.mine, mine_at=was.mine_at)
    match data["action"]:
        case "acknowledged":
            return still._replace(acknowledged=True)
        case "snoozed":
            until = data.get("until")
            return still._replace(until=micros(parse_moment(until)) if until else at + SNOOZE)
        case "assigned":
            return AttentionAction(at, mine=data["by"], mine_at=at)
    return still
