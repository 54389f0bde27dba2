"""One contact's timeline, asked of the event server and put in words."""

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
"""Events that are read at once."""


class Timeline(NamedTuple):
    """A contact's newest events, newest first, and whether there are older ones."""

    events: list[Event]
    goes_on: bool


def read(api: ApiClient, location: str, contact: str, pages: int = 1) -> Timeline:
    """Return so many pages of a contact's events; raise RequestRefused with one sentence where there is no answer."""
    events: list[Event] = []
    path, goes_on = f"/api/contacts/{quote(contact, safe='')}/timeline", True
    before: dict[str, str] = {}
    for _ in range(pages):
        answer = api.get(path, location=location, limit=str(PAGE), **before)
        events += [from_json(event) for event in answer["events"]]
        goes_on = len(answer["events"]) == PAGE
        if not goes_on:
            break
        before = {"before": str(events[-1].cursor)}
    return Timeline(sorted(events, key=lambda event: (event.time, event.seq), reverse=True), goes_on)


def entry(event: Event, line: Line) -> TimelineEntry:
    """Return the event as a timeline's line: the feed's words without their colours."""
    return TimelineEntry(event.time, "".join(text for _, text in line["title"]), line["detail"])
