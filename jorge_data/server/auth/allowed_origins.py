"""Which web pages may open the event server's socket, and which names of a host are this machine's own."""

from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

from starlette.requests import HTTPConnection

from jorge_data.errors import Forbidden
from jorge_data.events.encoding import show


def is_allowed_origin(connection: HTTPConnection, origins: frozenset[str]) -> bool:
    """Return whether a socket's Origin is allowed: none (not a browser), the server's own, or one of the settings'."""
    origin = connection.headers.get("origin")
    if origin is None or origin in origins:
        return True
    return split_url(origin).netloc == connection.headers.get("host")


def require_allowed_origin(connection: HTTPConnection, origins: frozenset[str]) -> None:
    """Raise Forbidden where a web page from elsewhere asks."""
    if not is_allowed_origin(connection, origins):
        origin = show(connection.headers["origin"])
        raise Forbidden(f"Origin is {origin}: allowed are this server's own and those in the setting JORGE_ORIGINS")


def is_loopback(host: str) -> bool:
    """Return whether a host's name is this machine's own; `127.evil.example` is a name like any other."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def split_url(url: str) -> SplitResult:
    """Return the parts of a URL; all empty where it is none."""
    try:
        return urlsplit(url)
    except ValueError:  # brackets that are no IPv6 address
        return urlsplit("")
