"""The one public address of this product, and whether a browser's Origin is that of the host that it asked."""

import re
from typing import NamedTuple, Self
from urllib.parse import urlsplit

EVENTS_PATH = "/event-server"
"""Where the event server is, beneath the public address."""

ALLOWED_ADDRESS = "an address as a browser shows it, as in https://office.example.com or https://example.com/jorge"

LOOPBACK = ("localhost", "127.0.0.1", "::1")
"""How this machine is named where a name is asked for; `http_client.is_loopback` knows all that lead here."""

_PORTS = {"http": 80, "https": 443}
_HOST = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\]")
_PATH = re.compile(r"(/[A-Za-z0-9._~-]+)*")


class Origin(NamedTuple):
    """Scheme, host and port of an address, in lower case; the port is there also where nobody writes it."""

    scheme: str
    host: str
    port: int

    @classmethod
    def read(cls, text: str) -> Self | None:
        """Return what an `Origin` header or a URL says; None where it says no web address, as `null`."""
        try:
            parts = urlsplit(text)
            host, port = parts.hostname, parts.port
        except ValueError:  # brackets that are no IPv6 address, a port that is no number
            return None
        if parts.scheme not in _PORTS or not host:
            return None
        return cls(parts.scheme, host.rstrip("."), port or _PORTS[parts.scheme])

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}" + ("" if self.port == _PORTS[self.scheme] else f":{self.port}")


class PublicAddress(NamedTuple):
    """An address under which both processes are reached, with TLS ended before them."""

    origin: Origin
    path: str  # "", or with its slash before and none behind

    @classmethod
    def read(cls, url: str) -> Self:
        """Return the parts of an address; raise ValueError with what is allowed."""
        origin = Origin.read(url)
        if origin is None or any(mark in url for mark in "?#@"):
            raise ValueError(ALLOWED_ADDRESS)
        path = urlsplit(url).path.rstrip("/")
        if not _HOST.fullmatch(str(Origin("https", origin.host, 443)).removeprefix("https://")):
            raise ValueError(f"{ALLOWED_ADDRESS}; a name in other letters as browsers send it: xn--…")
        if not _PATH.fullmatch(path) or any(part in (".", "..") for part in path.split("/")):
            raise ValueError(f"{ALLOWED_ADDRESS}; in its path letters, digits and . _ ~ - alone")
        return cls(origin, path)

    @property
    def url(self) -> str:
        return f"{self.origin}{self.path}"

    @property
    def headers(self) -> dict[str, str]:
        """What every response under this address says besides: that it is reached by https alone, where it is."""
        return {"Strict-Transport-Security": "max-age=31536000"} if self.origin.scheme == "https" else {}

    @property
    def events_url(self) -> str:
        """The event server's address under this one."""
        return self.url + EVENTS_PATH


def is_same_origin(origin: str | None, host: str | None) -> bool:
    """Return whether an `Origin` header names the host that the request names, each with or without its port."""
    named = Origin.read(origin or "")
    return named is not None and Origin.read(f"{named.scheme}://{host or ''}") == named
