"""What all tabs that look at the same thing share: one view, its version, and each change encoded once."""

from typing import Any, NamedTuple

import orjson

from jorge_data.feed import FeedStatus
from jorge_data.metrics import WallView, diff
from jorge_data.metrics.wall.view import Window
from jorge_data.permissions import Person


class Audience(NamedTuple):
    """Tabs with the same audience see the same view."""

    location: str
    window: Window
    role: Person


class Sent(NamedTuple):
    """A patch on its way: its version, when it left, and when the oldest event in it happened."""

    version: int
    at: float
    happened_at: float


class ViewChannel:
    """Hold an audience's view and tell how to get from each version to the next."""

    def __init__(self, view: WallView, life: int) -> None:
        self.view, self.life = view, life
        self.version = 1
        self.status: FeedStatus | None = None
        self._sent: Sent | None = None

    def advance(self, view: WallView, facts: dict[str, Any]) -> bytes | None:
        """Take the next view; return the patch, or None where nothing has changed."""
        changed = diff(self.view, view)
        if not changed and not facts:
            return None
        self.view, self.version = view, self.version + 1
        return orjson.dumps({"type": "patch", "v": self.version, "from": self.version - 1, **_split(changed), **facts})

    def state(self, facts: dict[str, Any]) -> bytes:
        """Return the whole view as a frame."""
        return orjson.dumps({"type": "state", "v": self.version, "view": self.view, **facts})

    def sent(self, at: float, happened_at: float) -> None:
        """Remember when the newest patch left, until the first tab has painted it."""
        self._sent = Sent(self.version, at, happened_at)

    def take_sent(self, version: int) -> Sent | None:
        """Return the patch that a tab has painted, once."""
        sent = self._sent
        if sent is None or sent.version > version:
            return None
        self._sent = None
        return sent


def _split(changed: dict[str, Any]) -> dict[str, Any]:
    return {"set": {name: part for name, part in changed.items() if name != "feed"}, "feed": changed.get("feed", [])}
