"""Lights: which sources have been heard, which are awaited, and which are off."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Literal, NamedTuple

from jorge_data.events import parse_moment
from jorge_data.live.recipes import Recipe

WAYS = {
    "ghl": "GHL app",
    "ghl-workflow": "GHL workflow",
    "ghl-sync": "GHL sync",
    "retell": "Retell",
    "redis": "Redis",
}
"""The ways of `GET /api/sources`, as people call them."""


State = Literal["heard", "awaited", "off", "unknown"]


class Light(NamedTuple):
    """One source: heard of since, awaited, off, or unknown because the event server did not say."""

    title: str
    state: State
    words: str
    last: datetime | None = None


def lights(recipes: Iterable[Recipe], ways: Mapping[str, Any] | None, heard: Mapping[str, datetime]) -> list[Light]:
    """Return a light for each source: by the newest event of its name in the office, and by what came by its way.

    `ways` is what the event server says of each by its name, None where it says nothing; `heard` is when the newest
    event of each source happened.
    """
    found = []
    for recipe in recipes:
        last = heard.get(recipe.source)
        if recipe.ways:
            found += [_way(WAYS[name], None if ways is None else ways[name], last) for name in recipe.ways]
        else:
            found.append(_heard(recipe.title, last, 0))
    return found


def _way(title: str, way: Mapping[str, Any] | None, last: datetime | None) -> Light:
    if way is None:
        return Light(title, "unknown", "not known: the event server does not say")
    if not way["on"]:
        return Light(title, "off", f"off: set {way['setting']}")
    received = parse_moment(way["last_received"]) if way["last_received"] else None
    return _heard(title, max(filter(None, (last, received)), default=None), way["received"])


def _heard(title: str, last: datetime | None, received: int) -> Light:
    if last is None:
        return Light(title, "awaited", "nothing yet")
    return Light(title, "heard", f"{received:,} received" if received else "heard", last)
