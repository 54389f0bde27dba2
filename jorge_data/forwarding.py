"""Whether a request comes straight from this machine, or was passed on by a proxy; both processes trust by it."""

from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

from starlette.requests import HTTPConnection

FORWARDED = (
    *("forwarded", "via", "true-client-ip", "cdn-loop", "x-client-ip", "x-cluster-client-ip", "x-scheme"),
    *("x-request-start", "fastly-client-ip", "fly-client-ip"),
)
FORWARDED_FROM = (
    "x-forwarded",
    "x-real-",
    "x-original-",
    "x-envoy-",
    "x-amzn-",
    "x-azure-",
    "x-arr-",
    "cf-",
    "tailscale-",
)
"""Headers that proxies and tunnels add, and how the names of the rest of them begin."""


def sign_of_forwarding(connection: HTTPConnection, *, by_links: bool = False) -> str | None:
    """Return what in a request shows that it does not come straight from this machine; None where nothing does.

    The trust is none of the Host header's alone: an ordinary proxy replaces that by our own address. With `by_links` a
    page may be opened by a link on another's: that names the other in `Referer`.
    """
    headers = connection.headers
    for name in map(str, headers):
        if name in FORWARDED or name.startswith(FORWARDED_FROM):
            return name
    # A page that rebinds its own name to 127.0.0.1 still sends that name as Host.
    hosts = [f"//{host}" for host in headers.getlist("host") or [""]]
    is_opened = by_links and headers.get("sec-fetch-mode") == "navigate"
    for name, urls in (("host", hosts), *((name, headers.getlist(name)) for name in ("origin", "referer"))):
        if name == "referer" and is_opened:
            continue
        if not all(is_loopback(split_url(url).hostname or "") for url in urls):
            return name
    if connection.scope.get("http_version") == "1.0":  # nginx's own, where its proxy_http_version is not set
        return "HTTP/1.0"
    # What is left of nginx, where all else is set. It writes Host and Connection before what the client sent; programs
    # that close their connection (urllib, node) say so after that. And programs write `Upgrade`.
    asked = headers.get("connection", "")
    tokens = {each.strip().lower() for each in asked.split(",")}
    closes = "close" in tokens and list(map(str, headers))[:2] == ["host", "connection"]
    if closes or asked == "upgrade" or ("upgrade" in tokens and "upgrade" not in headers):
        return "connection"
    return None


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
