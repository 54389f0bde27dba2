"""One contact's timeline: fetched from the event server, and put in words."""

from datetime import datetime
from typing import Any, NamedTuple
from urllib.parse import quote

from jorge_data.dashboard.query.api_client import ApiClient
from jorge_data.events import Event, from_json
from jorge_data.events.money import dollars
from jorge_data.metrics.entities.event_facts import text
from jorge_data.metrics.formatting import cost, line, number
from jorge_data.metrics.wall.view import Line


class TimelineEntry(NamedTuple):
    """One line of a timeline; plain text, "" where there is none. Tokens are those that went in and came out."""

    at: datetime
    what: str
    cost: str
    detail: str
    tokens: str
    script: str


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
    title, data = "".join(span for _, span in words["title"]), event.data
    script = line(text(data.get("script_version")))
    return TimelineEntry(event.time, title, cost_words(data), words["detail"], token_words(data), script)


def cost_words(data: dict[str, Any]) -> str:
    """Write what an event told of its cost: "$0.0013"; "" where it told none."""
    told = dollars(data.get("cost_usd"))
    return "" if told is None else cost(told)


def token_words(data: dict[str, Any]) -> str:
    """Write the tokens that an event told of: "1,812 in, 96 out"; "" where it told of none."""
    counts = (data.get("tokens_in"), "in"), (data.get("tokens_out"), "out")
    # Events are older than the rule that these are numbers.
    return ", ".join(f"{number(count)} {way}" for count, way in counts if isinstance(count, int))
