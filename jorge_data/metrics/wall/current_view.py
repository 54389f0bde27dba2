"""The wall: the whole view of one location at one moment, and what changed between two."""

from datetime import datetime
from typing import Any

from jorge_data.events.envelope import DEMO
from jorge_data.events.timestamps import micros
from jorge_data.metrics.wall.bot_cards import cards
from jorge_data.metrics.wall.needs import needs
from jorge_data.metrics.wall.qualification_board import board
from jorge_data.metrics.wall.state import LiveState
from jorge_data.metrics.wall.tiles import tiles
from jorge_data.metrics.wall.view import WallView, Window


def view(state: LiveState, now: datetime, location: str, window_s: Window = 86400) -> WallView:
    """Return all that the wall shows; the window is the intent tile's."""
    at = micros(now)
    open_needs, newest = needs(state, at), state.freshness.newest()
    return {
        "bar": {
            "location": location,
            "demo": location == DEMO,
            "newest_ms": newest // 1000 if newest is not None else None,
            "level": state.freshness.level(newest, at) if newest is not None else "none",
            "sources": state.freshness.sources(at),
            "alerts": open_needs["count"],
        },
        "kpis": tiles(state, now, window_s),
        "needs": open_needs,
        "bots": cards(state, at),
        "board": board(state, at),
        "rate": state.rates.last_minute(at),
        "feed": state.recent.lines(),
    }


def diff(old: WallView | None, new: WallView) -> dict[str, Any]:
    """Return the sections that changed; of the feed only the lines that are newer than the old newest."""
    if old is None:
        return dict(new)
    before: dict[str, Any] = dict(old)
    changed: dict[str, Any] = {name: section for name, section in new.items() if section != before[name]}
    newest = old["feed"][0]["seq"] if old["feed"] else 0
    feed = [line for line in new["feed"] if line["seq"] > newest]
    changed.pop("feed", None)
    return {**changed, "feed": feed} if feed else changed
