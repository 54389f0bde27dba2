"""The URL of the store, read here alone: for the server, the doctor and the dashboard."""

from pathlib import Path

ALLOWED = "sqlite:///<file>, as in sqlite:///var/jorge.db"
_SQLITE = "sqlite:///"


def store_file(url: str) -> Path:
    """Return the file that a store URL names; raise ValueError that says what is allowed."""
    path = url.removeprefix(_SQLITE)
    if path in (url, ""):
        raise ValueError(ALLOWED)
    return Path(path)


def check_store_url(url: str) -> str:
    """Return a store URL that is valid; raise ValueError that says what is allowed."""
    store_file(url)
    return url
