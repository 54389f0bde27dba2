"""How commands reach the running event server: with JORGE_TOKEN, or with a token made from the secret."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import orjson
from pydantic import SecretStr

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


def ask(settings: Settings, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
    """Ask as an admin of all locations, and return the JSON of the response.

    Raises SourceFailed where the event server refuses, with its own words, or does not answer.
    """
    import requests

    from jorge_data.http_client import http_session, why_unreachable

    url = f"{settings.api_url}{path}"
    # Where the secret is set, JORGE_TOKEN may be the dashboard's, which may let people in and add nobody.
    if settings.token_secret.get_secret_value():
        settings = settings.model_copy(update={"token": SecretStr("")})
    try:
        with (
            http_session(url, _token(settings, "admin", 3600, None), ca_file=settings.ca_file) as session,
            session.request(method, url, json=body, timeout=(5, 30)) as response,
        ):
            if not response.ok:
                raise SourceFailed(settings.api_url, _refusal(response.content), response.status_code)
            answer: dict[str, Any] = orjson.loads(response.content)
            return answer
    except requests.RequestException as error:
        raise SourceFailed("the event server", f"{why_unreachable(error, url)}; is it started?") from None


def _refusal(body: bytes) -> str:
    """Return what a refusal says to people."""
    try:
        error = orjson.loads(body)["error"]
        return "; ".join(
            [error["detail"], *(f"{each['pointer']}: {each['detail']}" for each in error.get("faults", []))]
        )
    except (orjson.JSONDecodeError, KeyError, TypeError):
        return body.decode(errors="replace")[:200]


def _token(settings: Settings, role: Role, ttl_s: float, location: str | None) -> str:
    from jorge_data.server.auth.own_tokens import tokens_of

    return settings.token.get_secret_value() or tokens_of(settings).issue(role, "command-line", ttl_s, location)
