"""Streamlit's options as our own settings ask for them: what its command line reads, made to agree with these."""

from collections.abc import Iterable

from streamlit import config

from jorge_data.dashboard.login.owned_media import IDENTITY_HEADER, OWNER
from jorge_data.dashboard.ui.navigation import ENTRIES
from jorge_data.errors import SettingsError
from jorge_data.public_address import LOOPBACK, PublicAddress
from jorge_data.settings import Settings

OWN_PATHS = frozenset(
    {
        *("_stcore", "api", "component", "event-server", "health", "login", "media", "static"),
        *(entry.path for entry in ENTRIES),
    }
)
"""How the dashboard's own paths begin: a path before them all must begin otherwise, or nobody knows which is meant."""


def apply(settings: Settings) -> str:
    """Set the options before Streamlit serves, and return the path beneath which it is reached: "" or as "/jorge".

    Raises SettingsError where Streamlit's own option says another path.
    """
    public = settings.public_address
    path = _path_of(public)
    config.set_option("server.baseUrlPath", "")  # `UnderPath` takes it off, from Streamlit's routes and from ours
    if hosts := _items("server.allowedHosts"):
        names = [public.origin.host] if public else []
        config.set_option("server.allowedHosts", _once([*hosts, *LOOPBACK, *names]))
    origins = [str(public.origin)] if public else []
    config.set_option("server.corsAllowedOrigins", _once([*_items("server.corsAllowedOrigins"), *origins]))
    # A session that was left is Streamlit's to whoever knows its id and has its identity: by this, each login is one.
    config.set_option("server.trustedUserHeaders", {IDENTITY_HEADER: OWNER} if settings.login else {})
    return path


def _path_of(public: PublicAddress | None) -> str:
    given = str(config.get_option("server.baseUrlPath")).strip("/")
    base = f"/{given}" if given else ""
    if public and base not in ("", public.path):
        raise SettingsError(
            "STREAMLIT_SERVER_BASE_URL_PATH", given, f"that of {public.url} (JORGE_PUBLIC_URL), or nothing"
        )
    path = public.path if public else base
    if path.split("/")[1:2] and path.split("/")[1] in OWN_PATHS:
        name = "JORGE_PUBLIC_URL" if public else "STREAMLIT_SERVER_BASE_URL_PATH"
        raise SettingsError(name, public.url if public else given, "a path that begins with no page or route of ours")
    return path


def _items(option: str) -> list[str]:
    """Return the items of a list that an environment variable may hold as `a,b`, as all our own lists do."""
    given = config.get_option(option) or []
    return [item.strip() for each in given for item in str(each).split(",") if item.strip()]


def _once(items: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(items))
