"""The event server's HTTP side, as pages and tabs ask it."""

from typing import Any

import orjson
import requests
from requests.adapters import HTTPAdapter

from jorge_data.errors import Behind, RequestRefused, Unavailable
from jorge_data.feed import Endpoint

ANSWER_S = 7.5
"""Longest that an answer may take, once connected: the server lets a question wait for 5 s, and then says why."""

KEPT = 16
"""Connections that are kept open between requests: more than one page's questions, for scripts ask beside them."""


SILENCE = "the event server does not answer; try again in a moment"


class NoAnswer(Unavailable):
    """Nobody answers at the server's address."""


class SlowAnswer(Unavailable):
    """Somebody is there, but said nothing for ANSWER_S."""


class ApiClient:
    """Ask the event server; each request has a deadline, each failure is one sentence for a person; from any thread.

    What may be answered in a moment is Unavailable, and Silent, Slow or Behind where it is known why; all other
    refusals are RequestRefused.
    """

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self._session = requests.Session()
        self._session.trust_env = False  # no proxy stands between us and our own server
        self._session.auth = endpoint.auth
        self._session.mount(endpoint.api_url, HTTPAdapter(pool_connections=1, pool_maxsize=KEPT))

    def get(self, path: str, *pairs: tuple[str, str], **question: str) -> Any:
        """Return the answer's JSON; raise RequestRefused where there is none. Pairs are for names that repeat."""
        return self._ask("GET", path, params=[*pairs, *question.items()])

    def post(self, path: str, body: dict[str, Any]) -> Any:
        """Send JSON and return the answer's; raise RequestRefused where it was not taken."""
        return self._ask("POST", path, json=body)

    def delete(self, path: str) -> None:
        """Remove what stands there; raise RequestRefused where it was not done."""
        self._ask("DELETE", path)

    def close(self) -> None:
        """Close the connections that are kept."""
        self._session.close()

    def _ask(self, method: str, path: str, **content: Any) -> Any:
        url = self._endpoint.api_url + path
        try:
            answer = self._send(method, url, **content)
        except requests.ReadTimeout:
            raise SlowAnswer(SILENCE) from None
        except requests.RequestException:
            raise NoAnswer(SILENCE) from None
        if not answer.ok:
            raise _refusal(answer)
        try:
            return orjson.loads(answer.content) if answer.content else None
        except ValueError:
            raise RequestRefused("the event server's address is answered by something else, with no JSON") from None

    def _send(self, method: str, url: str, **content: Any) -> requests.Response:
        content["timeout"] = self._endpoint.timeout_s, max(ANSWER_S, self._endpoint.timeout_s)
        try:
            return self._session.request(method, url, **content)
        except requests.ConnectionError as error:
            # A kept connection may be closed by the server just as it is used again; what only asks may ask twice.
            if method != "GET" or isinstance(error, requests.Timeout):
                raise
        return self._session.request(method, url, **content)


def _refusal(answer: requests.Response) -> RequestRefused:
    """Return a refusal in the server's own sentence; what stands between us and it may answer without one."""
    try:
        error = answer.json()["error"]
        if error.get("code") == Behind.code:
            return Behind(error["detail"])
        said = f"the event server says: {error['detail']}"
    except (ValueError, LookupError, TypeError, AttributeError):
        said = f"the event server answered {answer.status_code}"
    return Unavailable(said) if answer.status_code == Unavailable.status else RequestRefused(said)
