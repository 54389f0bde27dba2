"""The HTTP client of the event server's API."""

import time
from collections.abc import Callable
from copy import copy
from typing import Any, Self

import orjson
import requests

from jorge_data.errors import Behind, Forbidden, RequestRefused, Unauthenticated, Unavailable
from jorge_data.feed import Endpoint
from jorge_data.http_client import Bearer, http_session, lasting_fault

RESPONSE_S = 7.5
"""Longest that a response may take, once connected: the server lets a query wait for 5 s, and then says why."""

MOST_CONNECTIONS = 16
"""Connections that stay open between requests: more than one page's requests, for scripts send some beside them."""

SILENCE = "the event server does not answer; try again in a moment"


class NoResponse(Unavailable):
    """Nobody answers at the server's address."""


class SlowResponse(Unavailable):
    """The server accepted the connection, but sent nothing for RESPONSE_S."""


class ApiClient:
    """Send requests to the event server, from any thread; each has a deadline, each failure is a sentence for a person.

    They are sent with the dashboard's own token, or with a person's: `by`. What may succeed in a moment raises
    Unavailable: NoResponse, SlowResponse or Behind where the reason is known. All other refusals are RequestRefused:
    Unauthenticated and Forbidden where they are about the token.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        token: Callable[[], str] | None = None,
        refused: Callable[[str], None] = lambda token: None,
        timed: Callable[[str, float], None] = lambda outcome, seconds: None,
    ) -> None:
        """`token`: the dashboard's own, asked for before each request, the endpoint's where it is None; `refused` is
        told which one the server does not take: where another is returned then, the request is sent with that. `timed`
        is told what came of each request: ok, silent, or the code of its refusal."""
        self._endpoint, self._refused, self._timed = endpoint, refused, timed
        self._token: Callable[[], str] = token or (lambda: endpoint.token)
        self._session = http_session(endpoint.api_url, ca_file=endpoint.ca_file, connections=MOST_CONNECTIONS)

    def by(self, token: Callable[[], str]) -> Self:
        """Return a client that sends another token, asked for before each request; its connections are this one's."""
        other = copy(self)
        other._token = token
        return other

    def get(self, path: str, *pairs: tuple[str, str], **query: str) -> Any:
        """Return the response's JSON; raise RequestRefused where there is none. Pairs are for names that repeat."""
        return self._request("GET", path, params=[*pairs, *query.items()])

    def post(self, path: str, body: dict[str, Any] | list[Any], within_s: float | None = None) -> Any:
        """Send JSON and return the response's; raise RequestRefused where it was not accepted.

        With `within_s` it is given up after so long: for a person who waits, and who may safely send it again.
        """
        timeout = {} if within_s is None else {"timeout": (within_s / 2, within_s / 2)}
        return self._request("POST", path, json=body, **timeout)

    def put(self, path: str, body: dict[str, Any]) -> Any:
        """Replace a resource by JSON and return the response's; raise RequestRefused where it was not accepted."""
        return self._request("PUT", path, json=body)

    def file(self, path: str, **query: str) -> bytes:
        """Return a file as it is; raise RequestRefused where there is none."""
        return self._answer("GET", path, params=list(query.items())).content

    def delete(self, path: str) -> None:
        """Delete a resource; raise RequestRefused where it was not done."""
        self._request("DELETE", path)

    def close(self) -> None:
        """Close the open connections."""
        self._session.close()

    def _request(self, method: str, path: str, **content: Any) -> Any:
        response = self._answer(method, path, **content)
        try:
            return orjson.loads(response.content) if response.content else None
        except ValueError:
            raise RequestRefused("the event server's address is answered by something else, with no JSON") from None

    def _answer(self, method: str, path: str, **content: Any) -> requests.Response:
        began, outcome = time.monotonic(), "ok"
        try:
            return self._answer_now(method, path, **content)
        except (NoResponse, SlowResponse):
            outcome = "silent"
            raise
        except RequestRefused as refusal:
            outcome = refusal.code
            raise
        finally:
            self._timed(outcome, time.monotonic() - began)

    def _answer_now(self, method: str, path: str, **content: Any) -> requests.Response:
        url = self._endpoint.api_url + path
        try:
            response = self._send_again_by_another(method, url, **content)
        except requests.ReadTimeout:
            raise SlowResponse(SILENCE) from None
        except requests.RequestException as error:
            if lasting := lasting_fault(error, url):
                raise RequestRefused(lasting) from None
            raise NoResponse(SILENCE) from None
        if not response.ok:
            raise _refusal(response)
        return response

    def _send_again_by_another(self, method: str, url: str, **content: Any) -> requests.Response:
        """Send it, and again where the token was refused and there is another: what was refused was not done."""
        token = self._token()
        response = self._send(method, url, token, **content)
        if response.status_code != Unauthenticated.status:
            return response
        self._refused(token)
        other = self._token()
        return response if other == token else self._send(method, url, other, **content)

    def _send(self, method: str, url: str, token: str, **content: Any) -> requests.Response:
        content.setdefault("timeout", (self._endpoint.timeout_s, max(RESPONSE_S, self._endpoint.timeout_s)))
        content["auth"] = Bearer(token)
        try:
            return self._session.request(method, url, **content)
        except requests.ConnectionError as error:
            # The server may close an open connection just as it is used again; what only reads may be sent twice.
            if method != "GET" or isinstance(error, requests.Timeout):
                raise
        return self._session.request(method, url, **content)


def _refusal(response: requests.Response) -> RequestRefused:
    """Return the server's error as an exception; a proxy between us and it may respond without a sentence."""
    try:
        error = response.json()["error"]
        if error.get("code") == Behind.code:
            return Behind(error["detail"])
        reasons = dict.fromkeys(fault["detail"] for fault in error.get("faults", ()))
        detail = f"the event server says: {'; '.join((error['detail'], *reasons))}"
    except (ValueError, LookupError, TypeError, AttributeError):
        detail = f"the event server answered {response.status_code}"
    kinds = {kind.status: kind for kind in (Unavailable, Unauthenticated, Forbidden)}
    return kinds.get(response.status_code, RequestRefused)(detail)
