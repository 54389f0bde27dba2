"""How commands reach the running event server: with JORGE_TOKEN, or with a token made from the secret."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import orjson

from jorge_data.cli.options import settings_with
from jorge_data.errors import SourceFailed
from jorge_data.permissions import Role
from jorge_data.settings import Settings

if TYPE_CHECKING:
    from jorge_data.bots import Client


def client_of(role: Role, location: str | None, token: str | None) -> "Client":
    """Return a client of the event server; `token`, from the command line, goes before JORGE_TOKEN."""
    from jorge_data.bots import Client

    settings = settings_with(token=token)
    return Client(settings.api_url, _token(settings, role, 86400, location), ca_file=settings.ca_file)


def post(settings: Settings, path: str, location: str | None = None) -> Iterator[dict[str, Any]]:
    """Post as an admin, of one location or of all, and yield each line of JSON in the response.

    Raises SourceFailed where the event server refuses or does not answer.
    """
    import requests

    from jorge_data.http_client import http_session, why_unreachable

    url, token = f"{settings.api_url}{path}", _token(settings, "admin", 3600, location)
    query = {"location": location} if location else {}
    try:
        with (
            http_session(url, token, ca_file=settings.ca_file) as session,
            session.post(url, params=query, stream=True, timeout=(5, 600)) as response,
        ):
            if not response.ok:
                raise SourceFailed(settings.api_url, response.text, response.status_code)
            yield from map(orjson.loads, response.iter_lines(chunk_size=None))
    except requests.RequestException as error:
        raise SourceFailed("the event server", f"{why_unreachable(error, url)}; is it started?") from None


def get(settings: Settings, path: str, location: str | None = None) -> bytes:
    """Return the body of a response to an admin; raise as `post` does."""
    import requests

    from jorge_data.http_client import http_session, why_unreachable

    url, token = f"{settings.api_url}{path}", _token(settings, "admin", 3600, location)
    try:
        with http_session(url, token, ca_file=settings.ca_file) as session:
            response = session.get(url, params={"location": location} if location else {}, timeout=(5, 600))
    except requests.RequestException as error:
        raise SourceFailed("the event server", f"{why_unreachable(error, url)}; is it started?") from None
    if not response.ok:
        raise SourceFailed(settings.api_url, response.text, response.status_code)
    return response.content


def _token(settings: Settings, role: Role, ttl_s: float, location: str | None) -> str:
    from jorge_data.server.main import tokens_of

    return settings.token.get_secret_value() or tokens_of(settings).issue(role, "command-line", ttl_s, location)
