"""One contact's timeline, asked of the event server and put in words."""

from datetime import datetime
from typing import NamedTuple
from urllib.parse import quote

from jorge_data.events import Event, from_json
from jorge_data.live.api import Api
from jorge_data.metrics.view import Line


class Entry(NamedTuple):
    """One line of a timeline; plain text."""

    at: datetime
    what: str
    detail: str


def read(api: Api, location: str, contact: str) -> list[Event]:
    """Return the contact's events, newest first; raise RequestRefused with one sentence where there is no answer."""
    answer = api.get(f"/api/contacts/{quote(contact, safe='')}/timeline", location=location)
    events = [from_json(event) for event in answer["events"]]
    return sorted(events, key=lambda event: (event.time, event.seq), reverse=True)


def entry(event: Event, line: Line) -> Entry:
    """Return the event as a timeline's line: the feed's words without their colours."""
    return Entry(event.time, "".join(text for _, text in line["title"]), line["detail"])
