"""The directory: the offices that the event server knows, as the picker lists them."""

from jorge_data.dashboard.context import AppContext
from jorge_data.errors import RequestRefused

KNOWN_FOR_S = 30


def locations() -> list[str]:
    """Return the names of all offices that have an event, as of the last half minute; none while nobody answers."""
    return AppContext.current().questions.cache.made("offices", None, _locations, KNOWN_FOR_S)


def _locations() -> list[str]:
    try:
        return [log["location"] for log in AppContext.current().api.get("/api/locations")["locations"]]
    except RequestRefused:
        return []
