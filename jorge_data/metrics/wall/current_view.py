"""The wall: the whole view of one location at one moment, and what changed between two."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal, NamedTuple

from jorge_data.events import parse_moment
from jorge_data.events.envelope import DEMO
from jorge_data.events.timestamps import MAX_AHEAD, SECOND, micros
from jorge_data.metrics.formatting import number, percent
from jorge_data.metrics.targets import Targets
from jorge_data.metrics.wall.bot_cards import cards, more_bots
from jorge_data.metrics.wall.tiles import tiles
from jorge_data.metrics.wall.view import Bar, Board, BotCard, Line, Needs, SourceAge, Tile, WallView

NO_NEEDS: Needs = {
    "count": 0,
    "nobodys": 0,
    "by_owner": {},
    "unlisted": 0,
    "groups": [],
    "items": [],
    "done": {"count": 0, "says": "", "items": []},
    "snoozes": [],
    "appointment": {"default": "", "min": "", "max": "", "clock": ""},
}
NO_BOARD: Board = {"count": 0, "rows": []}


class ShownFigures(NamedTuple):
    """What the wall shows of the figures, ready to read: it changes with them alone."""

    kpis: list[Tile]
    needs: Needs
    bots: list[BotCard]
    more_bots: int
    board: Board


def shown_figures(figures: Mapping[str, Any], targets: Targets) -> ShownFigures:
    """Return the figures' part of the wall."""
    bots = figures.get("bots") or {}
    return ShownFigures(
        tiles(figures, targets),
        figures.get("needs") or NO_NEEDS,
        cards(bots, figures.get("sparks") or {}),
        more_bots(bots, _unlisted(figures, "bots")),
        figures.get("board") or NO_BOARD,
    )


def view(
    figures: Mapping[str, Any],
    feed: Sequence[Line],
    rate: int,
    location: str,
    targets: Targets,
    now: int,
    shown: ShownFigures | None = None,
) -> WallView:
    """Return all that the wall shows: the server's figures, ready to read, and the newest events.

    `rate` is how many events came in the last minute; `now` is in microseconds; `shown` is what was made of these
    very figures before.
    """
    kpis, needs, bots, more, board = shown or shown_figures(figures, targets)
    if is_loading(figures):
        # Halfway through a past no figure is true, and what is open then is long done with.
        needs, kpis = NO_NEEDS, [_yet_to_come(tile) for tile in kpis]
        bots = [{**card, "since_ms": 0} for card in bots]
    return {
        "bar": _bar(figures, location, needs["count"], targets, now),
        "kpis": kpis,
        "needs": needs,
        "bots": bots,
        "more_bots": more,
        "board": board,
        "rate": rate,
        "feed": list(feed),
    }


def _bar(figures: Mapping[str, Any], location: str, alerts: int, targets: Targets, now: int) -> Bar:
    sources: list[SourceAge] = []
    for name, newest in (figures.get("sources") or {}).items():
        at = micros(parse_moment(newest))
        sources.append({"name": name, "at_ms": at // 1000, "level": _level(at, targets, now)})
    if is_loading(figures):
        sources = []  # the newest event is as old as what is told just now
    newest_ms = max((source["at_ms"] for source in sources), default=None)
    return {
        "location": location,
        "demo": location == DEMO,
        "newest_ms": newest_ms,
        "counting": _counting(figures.get("counting"), location),
        "loaded": _loaded(figures.get("counting")),
        "level": "none" if newest_ms is None else _level(newest_ms * 1000, targets, now),
        "sources": sources,
        "more_sources": _unlisted(figures, "sources"),
        "alerts": alerts,
    }


def _unlisted(figures: Mapping[str, Any], what: str) -> int:
    count: int = (figures.get("unlisted") or {}).get(what, 0)
    return count


def _level(at: int, targets: Targets, now: int) -> Literal["ok", "amber", "red"]:
    """Return what an age means by the limits in force; what is later than now is not fresh: a clock is wrong."""
    age_s = (now - at) / SECOND
    if age_s >= targets.fresh_red_s or age_s < -MAX_AHEAD.total_seconds():
        return "red"
    return "amber" if age_s >= targets.fresh_amber_s else "ok"


def _yet_to_come(tile: Tile) -> Tile:
    return {**tile, "value": "…", "tail": "", "tone": "mute", "note": [], "progress": None}


def is_loading(figures: Mapping[str, Any]) -> bool:
    """Return whether somebody is bringing in a past: until it is there, nothing in it is news."""
    return _loaded(figures.get("counting")) is not None


def _loaded(counting: Mapping[str, float] | None) -> float | None:
    """Return how much is told and counted of a past that is being brought in, None where none is."""
    if not counting or "loaded" not in counting:
        return None
    return round(counting["loaded"] * counting["folded"] / max(1, counting["top"]), 3)


def _counting(counting: Mapping[str, float] | None, location: str) -> str:
    if not counting:
        return ""
    if (loaded := _loaded(counting)) is not None:
        return f"Loading {'the demo' if location == DEMO else 'the past'}, {percent(loaded, 0)}"
    return f"Counting the history: {number(counting['folded'])} of {number(counting['top'])} events"


def diff(old: WallView | None, new: WallView) -> dict[str, Any]:
    """Return the sections that changed; of the feed only the lines that are new or read otherwise, newest first."""
    if old is None:
        return dict(new)
    before: dict[str, Any] = dict(old)
    changed: dict[str, Any] = {name: section for name, section in new.items() if section != before[name]}
    if "feed" in changed:
        known = {line["seq"]: line for line in old["feed"]}
        changed["feed"] = [line for line in new["feed"] if (was := known.get(line["seq"])) is not line and was != line]
        if not changed["feed"]:
            del changed["feed"]
    return changed
