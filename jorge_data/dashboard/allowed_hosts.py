"""By which names the dashboard may be called, and which pages may open its sockets.

A page of another site can point its own name at this address, or open a socket to it from its own.
"""

from collections.abc import Sequence
from urllib.parse import urlsplit

import streamlit as st
from starlette.datastructures import Headers
from streamlit import net_util

from jorge_data.public_address import LOOPBACK, Origin, is_same_origin


def is_allowed_host(host: str | None, bound_to: str | None, allowed: Sequence[str]) -> bool:
    """Return whether a `Host` header names this dashboard: as Streamlit's `server.allowedHosts`, or as loopback."""
    if not allowed and bound_to not in LOOPBACK:
        return True  # Streamlit's own rule: without a list the names of a public address are not known here
    name = _name(host)
    return name is not None and any(_matches(name, each.strip().lower()) for each in [*allowed, *LOOPBACK])


def refused_host(headers: Headers) -> str | None:
    """Return why a request is refused by its `Host`, in words; None where it is not."""
    host = headers.get("host")
    if is_allowed_host(host, st.get_option("server.address"), st.get_option("server.allowedHosts") or []):
        return None
    return (
        f"the host {_shown(host)} is not allowed here: set JORGE_PUBLIC_URL to the address in the browser,"
        " or add the host to STREAMLIT_SERVER_ALLOWED_HOSTS"
    )


def refused_socket(headers: Headers) -> str | None:
    """Return why a socket is refused by its `Host` or its `Origin`, in words; None where it is not.

    Our own pages are those of the host that is asked, and those of the public address: its proxy may name another host.
    """
    if reason := refused_host(headers):
        return reason
    origin, host = headers.get("origin"), headers.get("host")
    if is_same_origin(origin, host) or Origin.read(origin or "") in _public_origins():
        return None
    if origin is None:
        return "it names no Origin: our own pages alone may open a socket here"
    return (
        f"the page {_shown(origin)} is not the host {_shown(host)} that the proxy names:"
        " set JORGE_PUBLIC_URL to the address in the browser"
    )


def is_on_this_machine(origin: str | None) -> bool:
    """Return whether an `Origin` is a page of this machine (by a name or its address at home), or absent."""
    if origin is None:
        return True
    named = Origin.read(origin)
    return named is not None and named.host in (*LOOPBACK, net_util.get_internal_ip())


def _public_origins() -> set[Origin]:
    given = map(str, st.get_option("server.corsAllowedOrigins") or [])
    return {origin for origin in map(Origin.read, given) if origin is not None}


def _shown(name: str | None) -> str:
    return repr((name or "")[:80])


def _name(host: str | None) -> str | None:
    try:
        return urlsplit(f"//{host or ''}").hostname
    except ValueError:
        return None


def _matches(name: str, pattern: str) -> bool:
    return pattern in ("*", name) or (pattern.startswith("*.") and name.endswith(pattern[1:]))
