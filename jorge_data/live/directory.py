"""The directory: the offices that the event server knows, as the picker lists them."""

from jorge_data.errors import RequestRefused
from jorge_data.live.house import House

KNOWN_FOR_S = 30


def offices() -> list[str]:
    """Return the names of all offices that have an event, as of the last half minute; none while nobody answers."""
    return House.current().questions.cache.made("offices", None, _offices, KNOWN_FOR_S)


def _offices() -> list[str]:
    try:
        return [log["location"] for log in House.current().api.get("/api/locations")["locations"]]
    except RequestRefused:
        return []
