"""The event server's sessions as the dashboard asks for them: who may come in, who is in, and with which token."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

import requests

from jorge_data.dashboard.login.user import Grant
from jorge_data.errors import (
    Conflict,
    Forbidden,
    Invalid,
    LinkEnded,
    LoginRefused,
    RequestRefused,
    SessionEnded,
    TooMany,
    Unavailable,
)
from jorge_data.http_client import http_session, why_unreachable

ANSWERED_WITHIN_S = 5.0
LOOKED_WITHIN_S = 1.5
"""Longest that the question may take whose answer closes tabs: it is asked each two seconds, and they close in five."""

SILENCE = "logins cannot be checked now: the event server does not answer"

_BY_CODE = {kind.code: kind for kind in (LoginRefused, SessionEnded, LinkEnded, Forbidden, Conflict, Invalid, TooMany)}


class LoginSession(NamedTuple):
    """A session: what the browser holds, of whom, what he is granted, and when it ends at the latest."""

    session: str
    name: str
    display_name: str
    grants: tuple[Grant, ...]
    ends_at: datetime


class PersonsToken(NamedTuple):
    """A token by which a person asks, and until when."""

    token: str
    expires_at: datetime


class SessionClient:
    """Asks the event server with the dashboard's own token; any thread may.

    Each raises what the server refused it with, as the same class and in the server's words, and Unavailable where
    there is no answer.
    """

    def __init__(self, api_url: str, token: str, ca_file: str) -> None:
        self._url = api_url
        self._http = http_session(api_url, token, ca_file=ca_file)

    def log_in(self, name: str, password: str, address: str) -> LoginSession:
        return _entry(self._post("/api/sessions", {"name": name, "password": password, "address": address}))

    def vouch(self, provider: str, name: str, address: str, **said: str) -> LoginSession:
        """Begin a session of who has shown another login who he is.

        A provider of OpenID Connect has also said `issuer`, `subject` and `ends_at`.
        """
        return _entry(self._post("/api/sessions", {"provider": provider, "name": name, "address": address, **said}))

    def current(self, session: str) -> LoginSession:
        return _entry(self._post("/api/sessions/current", {"session": session}))

    def ended(self, seen: Iterable[tuple[str, bool]]) -> list[str]:
        """Say which sessions are open here and which were used just now; return those that have ended."""
        sessions = [{"id": session, "used": used} for session, used in seen]
        ended = self._post("/api/sessions/used", {"sessions": sessions}, LOOKED_WITHIN_S)["ended"]
        return [str(each) for each in ended]

    def token(self, session: str, location: str | None) -> PersonsToken:
        body = self._post("/api/sessions/token", {"session": session, "location": location})
        return PersonsToken(str(body["token"]), datetime.fromisoformat(body["expires_at"]))

    def end(self, session: str, everywhere: bool) -> None:
        self._post("/api/sessions/end", {"session": session, "everywhere": everywhere})

    def change_password(self, session: str, old: str, new: str) -> None:
        self._post("/api/sessions/password", {"session": session, "old": old, "new": new})

    def first_invitation(self) -> str | None:
        """Return a new invitation for the first admin; None where there is a user already."""
        try:
            return str(self._post("/api/invitations/first", {})["invitation"])
        except Conflict:
            return None

    def use_invitation(self, invitation: str, password: str, address: str, name: str | None = None) -> LoginSession:
        body = {"invitation": invitation, "password": password, "address": address}
        return _entry(self._post("/api/invitations/use", body | ({"name": name} if name else {})))

    def close(self) -> None:
        self._http.close()

    def _post(self, path: str, body: dict[str, Any], within_s: float = ANSWERED_WITHIN_S) -> Any:
        url = self._url + path
        try:
            response = self._http.post(url, json=body, timeout=(within_s, within_s))
            answer = response.json() if response.content else None
        except (requests.RequestException, ValueError) as error:
            raise Unavailable(SILENCE if isinstance(error, requests.Timeout) else _silence(error, url)) from None
        if response.ok:
            return answer
        raise _refusal(response, answer)


def _silence(error: Exception, url: str) -> str:
    return f"{SILENCE} ({why_unreachable(error, url)})"


def _refusal(response: requests.Response, answer: Any) -> RequestRefused:
    error = answer.get("error", {}) if isinstance(answer, dict) else {}
    detail = str(error.get("detail", f"the event server answered {response.status_code}"))
    if kind := _BY_CODE.get(str(error.get("code"))):
        wait = response.headers.get("Retry-After", "")
        return kind(detail, retry_after_s=float(wait) if wait.isdecimal() else None)
    return Unavailable(f"logins cannot be checked now: the event server says: {detail}")


def _entry(body: dict[str, Any]) -> LoginSession:
    grants = (Grant(each["location"], each["role"], each.get("agent_id")) for each in body["grants"])
    ends_at = datetime.fromisoformat(body["ends_at"])
    return LoginSession(str(body["session"]), str(body["user"]), str(body["display_name"]), tuple(grants), ends_at)
