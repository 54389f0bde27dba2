"""One contact's timeline: fetched from the event server, and put in words."""

from datetime import datetime
from typing import Any, NamedTuple
from urllib.parse import quote

from jorge_data.dashboard.query.api_client import ApiClient
from jorge_data.events import Event, from_json
from jorge_data.events.money import dollars
from jorge_data.metrics.formatting import cost, joined, line, number
from jorge_data.metrics.wall.view import Line


class TimelineEntry(NamedTuple):
    """One line of a timeline; plain text."""

    at: datetime
    what: str
    detail: str
    cost: str


PAGE = 200
"""Events of one request."""


class Timeline(NamedTuple):
    """A contact's newest events, newest first, and whether there are older ones."""

    events: list[Event]
    has_older: bool


def read(api: ApiClient, location: str, contact: str, pages: int = 1) -> Timeline:
    """Return the newest `pages` pages of a contact's events; raise RequestRefused."""
    events: list[Event] = []
    path, has_older = f"/api/contacts/{quote(contact, safe='')}/timeline", True
    before: dict[str, str] = {}
    for _ in range(pages):
        body = api.get(path, location=location, limit=str(PAGE), **before)
        events += [from_json(event) for event in body["events"]]
        has_older = len(body["events"]) == PAGE
        if not has_older:
            break
        before = {"before": str(events[-1].cursor)}
    return Timeline(sorted(events, key=lambda event: (event.time, event.seq), reverse=True), has_older)


def entry(event: Event, words: Line) -> TimelineEntry:
    """Return the event as an entry of the timeline: the words of the feed's line without their colours."""
    title = "".join(text for _, text in words["title"])
    return TimelineEntry(event.time, title, words["detail"], cost_words(event.data))


def cost_words(data: dict[str, Any]) -> str:
    """Write what an event told of its cost: "$0.0013 · 812 tokens in, 96 out · script 4.2"; "" where nothing."""
    told, script = dollars(data.get("cost_usd")), data.get("script_version")
    tokens = [data.get(name) for name in ("tokens_in", "tokens_out")]
    ways = [
        f"{number(count)} {way}"
        for count, way in zip(tokens, ("tokens in", "out" if tokens[0] is not None else "tokens out"), strict=True)
        if isinstance(count, int)  # events are older than the rule that it is one
    ]
    return joined(
        cost(told) if told is not None else "", ", ".join(ways), f"script {line(str(script))}" if script else ""
    )
