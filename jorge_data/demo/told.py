"""What the demo location holds already: a history that a new start may go on from, or nothing that it may."""

from datetime import datetime, timedelta
from typing import Any, NamedTuple, Protocol

from jorge_data.demo.history import Telling
from jorge_data.errors import Forbidden
from jorge_data.events import parse_moment
from jorge_data.events.locations import DEMO

GOES_ON_FOR = timedelta(days=3)
"""So long a history is gone on from: on the fourth day what the live day promised falls due, and nobody would act."""


class Told(NamedTuple):
    """A history that was told to its end, and the moment of the newest event after it."""

    telling: Telling
    newest: datetime


class Asking(Protocol):
    """What is needed of `jorge_data.bots.Client`."""

    def request(self, method: str, path: str) -> dict[str, Any]: ...


def find_told(client: Asking, seed: int, now: datetime) -> Told | None:
    """Return the history of this seed that the demo location holds, whole and young enough to go on from."""
    try:
        first = _page(client, "oldest")
        last = _page(client, f"{first['epoch']}:{first['top'] - 1}") if first["events"] else first
    except Forbidden:  # a token that may only publish, where readers need one too
        return None
    if not last["events"]:
        return None
    telling = Telling.of(first["events"][0]["id"])
    newest = parse_moment(last["events"][-1]["time"])
    if telling is None or telling.seed != seed or not now - GOES_ON_FOR < telling.zero <= newest:
        return None
    return Told(telling, newest)


def _page(client: Asking, after: str) -> dict[str, Any]:
    return client.request("GET", f"/events?location={DEMO}&after={after}&limit=1")
