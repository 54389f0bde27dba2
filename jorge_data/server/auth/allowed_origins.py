"""Which web pages may open the event server's socket."""

from starlette.requests import HTTPConnection

from jorge_data.errors import Forbidden
from jorge_data.events.encoding import show
from jorge_data.public_address import Origin, is_same_origin


def read_origins(origins: str) -> frozenset[Origin]:
    """Return the origins of a comma-separated list; what is no web address is left out."""
    return frozenset(filter(None, (Origin.read(each.strip()) for each in origins.split(","))))


def is_allowed_origin(connection: HTTPConnection, origins: frozenset[Origin]) -> bool:
    """Return whether a socket's Origin is allowed: none (not a browser), the server's own, or one of the settings'."""
    origin = connection.headers.get("origin")
    if origin is None or Origin.read(origin) in origins:
        return True
    return is_same_origin(origin, connection.headers.get("host"))


def require_allowed_origin(connection: HTTPConnection, origins: frozenset[Origin]) -> None:
    """Raise Forbidden where a web page from elsewhere asks."""
    if not is_allowed_origin(connection, origins):
        origin = show(connection.headers["origin"])
        raise Forbidden(f"Origin is {origin}: allowed are this server's own and those in the setting JORGE_ORIGINS")
