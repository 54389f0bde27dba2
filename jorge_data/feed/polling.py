"""The HTTP side: the checkpoint to start from, and pages of events on the same cursor as the websocket's."""

import contextlib
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import orjson
import requests

from jorge_data.events import Cursor, Event, from_json
from jorge_data.feed.endpoint import Endpoint, is_loopback
from jorge_data.feed.failures import ConnectionSilent, Garbled, HTTPRefused, Lost


def checked(value: Any, **expected: type) -> dict[str, Any]:
    """Return the object if it has these fields of these types; raise TypeError that names the one that is wrong."""
    if not isinstance(value, dict):
        raise TypeError(f"{type(value).__name__}, not an object")
    for name, kind in expected.items():
        if not isinstance(value.get(name), kind):
            raise TypeError(f"{name} is {value.get(name)!r:.40}, not {kind.__name__}")
    return value


PAGE = 500


class StateSnapshot(NamedTuple):
    """The server's state as of a position."""

    cursor: Cursor
    state: dict[str, Any]


class PolledPage(NamedTuple):
    """One answer to "what came after this cursor"; a full one has more behind it."""

    events: list[Event]
    epoch: str
    recovered: bool
    oldest: int

    @property
    def full(self) -> bool:
        return len(self.events) >= PAGE


class PollingClient:
    """Ask the event server over HTTP; used by one thread."""

    def __init__(self, endpoint: Endpoint, location: str, count_bytes: Callable[[int], None]) -> None:
        self._endpoint = endpoint
        self._location = location
        self._count_bytes = count_bytes
        self._session = requests.Session()
        self._session.trust_env = not is_loopback(endpoint.api_url)  # no proxy stands between us and ourselves
        self._session.auth = endpoint.auth

    def checkpoint(self) -> StateSnapshot:
        """Return the state that everything up to its cursor is in."""
        path = "/api/state"
        answer = self._get(path, {"location": self._location}, epoch=str, seq=int, state=dict)
        return StateSnapshot(Cursor(answer["epoch"], answer["seq"]), answer["state"])

    def page(self, after: Cursor) -> PolledPage:
        """Return the events after a cursor, or the verdict that it cannot be honoured."""
        question = {"location": self._location, "after": str(after) if after.epoch else "oldest", "limit": PAGE}
        answer = self._get("/events", question, events=list, epoch=str, recovered=bool, oldest=int)
        with _understood("/events"):
            events = [from_json(event) for event in answer["events"]]
        return PolledPage(events, answer["epoch"], answer["recovered"], answer["oldest"])

    def close(self) -> None:
        self._session.close()

    def _get(self, path: str, question: dict[str, Any], **expected: type) -> dict[str, Any]:
        response = self._answer(path, question)
        self._count_bytes(len(response.content))
        if response.status_code != requests.codes.ok:
            raise HTTPRefused(response.status_code, path)
        with _understood(path):
            return checked(orjson.loads(response.content), **expected)

    def _answer(self, path: str, question: dict[str, Any]) -> requests.Response:
        url = self._endpoint.api_url.rstrip("/") + path
        try:
            return self._session.get(url, params=question, timeout=self._endpoint.timeout_s, allow_redirects=False)
        except requests.Timeout:
            raise ConnectionSilent(self._endpoint.timeout_s) from None
        except requests.RequestException as error:
            raise Lost(_innermost(error)) from None


def _innermost(error: BaseException) -> str:
    while error.__context__ is not None:
        error = error.__context__
    return f"{error!s:.120}"


@contextlib.contextmanager
def _understood(path: str) -> Iterator[None]:
    try:
        yield
    except (KeyError, TypeError, ValueError) as error:
        raise Garbled(f"{path}: {type(error).__name__} {error!s:.80}") from None
