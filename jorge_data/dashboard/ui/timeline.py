"""One contact's timeline: fetched from the event server, and put in words."""

from datetime import datetime
from typing import NamedTuple
from urllib.parse import quote

from jorge_data.dashboard.query.api_client import ApiClient
from jorge_data.events import Event, from_json
from jorge_data.metrics.wall.view import Line


class TimelineEntry(NamedTuple):
    """One line of a timeline; plain text."""

    at: datetime
    what: str
    detail: str


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


def entry(event: Event, line: Line) -> TimelineEntry:
    """Return the event as an entry of the timeline: the words of the feed's line without their colours."""
    return TimelineEntry(event.time, "".join(text for _, text in line["title"]), line["detail"])
