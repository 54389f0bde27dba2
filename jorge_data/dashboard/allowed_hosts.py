"""By which names the dashboard may be called: a page of another site can point its own name at this address."""

from collections.abc import Sequence
from urllib.parse import urlsplit

from jorge_data.feed.endpoint import LOOPBACK


def is_allowed_host(host: str | None, bound_to: str | None, allowed: Sequence[str]) -> bool:
    """Return whether a `Host` header names this dashboard: as Streamlit's `server.allowedHosts`, or as loopback."""
    if not allowed and bound_to not in LOOPBACK:
        return True  # Streamlit's own rule: without a list the names of a public address are not known here
    name = _name(host)
    return name is not None and any(_matches(name, each.strip().lower()) for each in [*allowed, *LOOPBACK])


def _name(host: str | None) -> str | None:
    try:
        return urlsplit(f"//{host or ''}").hostname
    except ValueError:
        return None


def _matches(name: str, pattern: str) -> bool:
    return pattern in ("*", name) or (pattern.startswith("*.") and name.endswith(pattern[1:]))
