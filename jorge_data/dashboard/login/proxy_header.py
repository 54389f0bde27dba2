"""A proxy that authenticates says in a header who asks: believed from the addresses that are set, and from no other."""

import asyncio
import logging
import unicodedata

from starlette.requests import HTTPConnection

from jorge_data.dashboard.login.client_address import client_address, is_passed_on_by
from jorge_data.dashboard.login.session_access import SessionAccess
from jorge_data.dashboard.login.session_client import LoginSession
from jorge_data.errors import Forbidden, LoginRefused, Unauthenticated
from jorge_data.settings import Settings

_log = logging.getLogger(__name__)


def name_of(connection: HTTPConnection, settings: Settings) -> str:
    """Return whom the proxy names; raise Unauthenticated where no proxy of ours says it, or not just one name."""
    names = connection.headers.getlist(settings.proxy_header)
    if not is_passed_on_by(connection, settings.trusted_networks):
        asker = connection.client.host if connection.client else "an unknown address"
        if names:
            _log.warning("%s named a user in %s, and is not in JORGE_TRUSTED_PROXIES", asker, settings.proxy_header)
        raise Unauthenticated("people come in by your company's login: use the address that it has for this dashboard")
    if len(names) != 1 or not names[0].strip():
        raise Unauthenticated(f"the proxy before the dashboard does not say in {settings.proxy_header} who you are")
    try:
        return names[0].encode("latin-1").decode()  # as most proxies send what is not ASCII
    except ValueError:
        return names[0]


def read_name(name: str) -> str:
    """Return a name in the one spelling that the event server has it in."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).strip().casefold())


async def begin(connection: HTTPConnection, settings: Settings, access: SessionAccess, name: str) -> LoginSession:
    """Begin a session of whom the proxy names; raise Forbidden where nobody has added him, and Unavailable."""
    address = client_address(connection, settings.trusted_networks)
    try:
        return await asyncio.to_thread(access.client.vouch, "proxy", name, address)
    except LoginRefused:
        raise Forbidden(
            f"your company's login calls you {name[:128]!r}, and nobody has added you here: ask an admin"
        ) from None
