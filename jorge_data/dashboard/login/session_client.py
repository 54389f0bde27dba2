"""The event server's sessions as the dashboard asks for them: who may come in, who is in, and with which token."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, NamedTuple, TypeVar

import requests

from jorge_data.dashboard.login.own_token import OwnToken
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
from jorge_data.http_client import Bearer, http_session, why_unreachable

ANSWERED_WITHIN_S = 5.0
LOOKED_WITHIN_S = 1.5
"""Longest that the question may take whose answer closes tabs: it is asked each two seconds, and they close in five."""

UNKNOWN = "logins cannot be checked now"
SILENCE = f"{UNKNOWN}: the event server does not answer"

Answer = TypeVar("Answer")

_BY_CODE = {kind.code: kind for kind in (LoginRefused, SessionEnded, LinkEnded, Forbidden, Conflict, Invalid, TooMany)}


class OwnTokenRefused(Unavailable):
    """Nobody can be let in by the dashboard's own token; the text says what to set."""


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
    there is no answer, or one that is none of the event server's.
    """

    def __init__(self, api_url: str, own: OwnToken, ca_file: str) -> None:
        self._url, self.own = api_url, own
        self._http = http_session(api_url, ca_file=ca_file)

    def log_in(self, name: str, password: str, address: str) -> LoginSession:
        return self._ask("/api/sessions", {"name": name, "password": password, "address": address}, _entry)

    def vouch(self, provider: str, name: str, address: str, **said: str) -> LoginSession:
        """Begin a session of who has shown another login who he is.

        A provider of OpenID Connect has also said `issuer`, `subject` and `ends_at`.
        """
        return self._ask("/api/sessions", {"provider": provider, "name": name, "address": address, **said}, _entry)

    def current(self, session: str) -> LoginSession:
        return self._ask("/api/sessions/current", {"session": session}, _entry)

    def ended(self, seen: Iterable[tuple[str, bool]]) -> list[str]:
        """Say which sessions are open here and which were used just now; return those that have ended."""
        sessions = [{"id": session, "used": used} for session, used in seen]
        return self._ask("/api/sessions/used", {"sessions": sessions}, _ended, LOOKED_WITHIN_S)

    def token(self, session: str, location: str | None) -> PersonsToken:
        return self._ask("/api/sessions/token", {"session": session, "location": location}, _token)

    def end(self, session: str, everywhere: bool) -> None:
        self._post("/api/sessions/end", {"session": session, "everywhere": everywhere})

    def change_password(self, session: str, old: str, new: str) -> None:
        self._post("/api/sessions/password", {"session": session, "old": old, "new": new})

    def first_invitation(self) -> str | None:
        """Return a new invitation for the first admin; None where there is a user already."""
        try:
            return self._ask("/api/invitations/first", {}, lambda answer: str(answer["invitation"]))
        except Conflict:
            return None

    def use_invitation(self, invitation: str, password: str, address: str, name: str | None = None) -> LoginSession:
        body = {"invitation": invitation, "password": password, "address": address}
        return self._ask("/api/invitations/use", body | ({"name": name} if name else {}), _entry)

    def close(self) -> None:
        self._http.close()

    def _ask(
        self, path: str, body: dict[str, Any], read: Callable[[Any], Answer], within_s: float = ANSWERED_WITHIN_S
    ) -> Answer:
        answer = self._post(path, body, within_s)
        try:
            return read(answer)
        except (LookupError, TypeError, ValueError, AttributeError):
            raise Unavailable(f"{UNKNOWN}: something else answers at the event server's address") from None

    def _post(self, path: str, body: dict[str, Any], within_s: float = ANSWERED_WITHIN_S) -> Any:
        token = self.own.current()
        response, answer = self._send(path, body, within_s, token)
        if response.status_code == 401 and _code(answer) not in _BY_CODE:  # it is our own token that is not taken
            self.own.refused(token)
            if (other := self.own.current()) != token:
                response, answer = self._send(path, body, within_s, other)
        if response.ok:
            return answer
        raise _refusal(response, answer, self.own.notice)

    def _send(self, path: str, body: dict[str, Any], within_s: float, token: str) -> tuple[requests.Response, Any]:
        url = self._url + path
        try:
            response = self._http.post(url, json=body, timeout=(within_s, within_s), auth=Bearer(token))
            return response, response.json() if response.content else None
        except (requests.RequestException, ValueError) as error:
            raise Unavailable(SILENCE if isinstance(error, requests.Timeout) else _silence(error, url)) from None


def _silence(error: Exception, url: str) -> str:
    return f"{SILENCE} ({why_unreachable(error, url)})"


def _code(answer: Any) -> str:
    error = answer.get("error") if isinstance(answer, dict) else None
    return str(error.get("code")) if isinstance(error, dict) else ""


def _refusal(response: requests.Response, answer: Any, notice: str | None) -> RequestRefused:
    code = _code(answer)
    detail = str(answer["error"].get("detail")) if code else f"the event server answered {response.status_code}"
    if kind := _BY_CODE.get(code):
        wait = response.headers.get("Retry-After", "")
        return kind(detail, retry_after_s=float(wait) if wait.isdecimal() else None)
    if response.status_code == 401 and notice:
        return OwnTokenRefused(notice)
    return Unavailable(f"{UNKNOWN}: the event server says: {detail}")


def _ended(body: dict[str, Any]) -> list[str]:
    return [str(each) for each in body["ended"]]


def _token(body: dict[str, Any]) -> PersonsToken:
    return PersonsToken(str(body["token"]), datetime.fromisoformat(body["expires_at"]))


def _entry(body: dict[str, Any]) -> LoginSession:
    grants = (Grant(each["location"], each["role"], each.get("agent_id")) for each in body["grants"])
    ends_at = datetime.fromisoformat(body["ends_at"])
    return LoginSession(str(body["session"]), str(body["user"]), str(body["display_name"]), tuple(grants), ends_at)
