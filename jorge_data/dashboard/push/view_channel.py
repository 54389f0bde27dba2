"""What all tabs of one audience share: the view, its version, and each patch encoded once."""

from typing import Any, NamedTuple

import orjson

from jorge_data.feed import FeedStatus
from jorge_data.metrics import WallView, diff

FIRST_LINES = 50
"""Most lines of the feed in a state: a tab shows no more, and each that comes after is in a patch."""


class Sent(NamedTuple):
    """A patch that was sent: its version, when it was sent, and when the oldest event in it happened (both in s)."""

    version: int
    at: float
    happened_at: float


class ViewChannel:
    """Hold an audience's view, and encode the patch from each version to the next."""

    def __init__(self, view: WallView, generation: int) -> None:
        self.view, self.generation = view, generation
        self.version = 1
        self.status: FeedStatus | None = None
        self._sent: Sent | None = None

    def advance(self, view: WallView, fields: dict[str, Any]) -> bytes | None:
        """Take the next view; return the patch, or None where nothing has changed."""
        changed = diff(self.view, view)
        if not changed and not fields:
            return None
        self.view, self.version = view, self.version + 1
        patch = {"type": "patch", "v": self.version, "from": self.version - 1, "feed": changed.pop("feed", [])}
        return orjson.dumps({**patch, "set": changed, **fields})

    def state(self, fields: dict[str, Any]) -> bytes:
        """Return the view as a frame."""
        return orjson.dumps({"type": "state", "v": self.version, "view": first_view(self.view), **fields})

    def sent(self, at: float, happened_at: float) -> None:
        """Note when the newest patch was sent, until the first tab has painted it."""
        self._sent = Sent(self.version, at, happened_at)

    def take_sent(self, version: int) -> Sent | None:
        """Return, once, the patch that a tab has painted; None where it is older than that or was returned before."""
        sent = self._sent
        if sent is None or sent.version > version:
            return None
        self._sent = None
        return sent


def first_view(view: WallView) -> WallView:
    """Return what a tab is shown first of a view."""
    return {**view, "feed": view["feed"][:FIRST_LINES]}
