"""The URL of the store, read here alone: for the server, the doctor and the dashboard."""

from pathlib import Path

ALLOWED = "sqlite:///<file>, as in sqlite:///var/jorge.db, or postgresql://<user>@<host>/<database>"
_SQLITE = "sqlite:///"
_POSTGRESQL = "postgresql://"

FOLDER = Path("var")
"""Where files beside a PostgreSQL stand: the archive, keys."""


def is_postgresql(url: str) -> bool:
    """Return whether a store URL names a database of PostgreSQL."""
    return url.startswith(_POSTGRESQL)


def store_file(url: str) -> Path:
    """Return the file that a store URL names; raise ValueError that says what is allowed."""
    path = url.removeprefix(_SQLITE)
    if path in (url, ""):
        raise ValueError(ALLOWED)
    return Path(path)


def store_folder(url: str) -> Path:
    """Return the folder of all that stands beside the store; raise ValueError that says what is allowed."""
    return FOLDER if is_postgresql(url) else store_file(url).parent


def check_store_url(url: str) -> str:
    """Return a store URL that is valid; raise ValueError that says what is allowed."""
    if url == _POSTGRESQL:
        raise ValueError(ALLOWED)
    store_folder(url)
    return url
