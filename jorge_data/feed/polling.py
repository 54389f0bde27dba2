"""The HTTP side: where to start, pages of events on the same cursor as the websocket's, and the figures."""

import contextlib
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import orjson
import requests

from jorge_data.events import Cursor, Event, from_json
from jorge_data.feed.endpoint import Endpoint
from jorge_data.feed.failures import ConnectionSilent, HTTPRefused, ProtocolViolation, lost_connection
from jorge_data.http_client import Bearer, http_session


def checked(value: Any, **expected: type) -> dict[str, Any]:
    """Return the object if it has these fields of these types; raise TypeError naming the one that is wrong."""
    if not isinstance(value, dict):
        raise TypeError(f"{type(value).__name__}, not an object")
    for name, kind in expected.items():
        if not isinstance(value.get(name), kind):
            raise TypeError(f"{name} is {value.get(name)!r:.40}, not {kind.__name__}")
    return value


PAGE = 500


class PolledPage(NamedTuple):
    """One page of the events after a cursor; a full one has more behind it.

    `unreadable`: stretches among them, each the first and the last position, that the server cannot read. `position` is
    where it was read up to, 0 where that is not said; `forget` are contacts that the reader does not see any more.
    """

    events: list[Event]
    epoch: str
    recovered: bool
    oldest: int
    unreadable: tuple[tuple[int, int], ...] = ()
    position: int = 0
    top: int = 0
    forget: tuple[str, ...] = ()

    @property
    def full(self) -> bool:
        return len(self.events) >= PAGE or 0 < self.position < self.top


class PollingClient:
    """Requests to the event server over HTTP; used by one thread."""

    def __init__(self, endpoint: Endpoint, location: str, count_bytes: Callable[[int], None]) -> None:
        self._endpoint = endpoint
        self._location = location
        self._count_bytes = count_bytes
        self._session = http_session(endpoint.api_url, endpoint.token, ca_file=endpoint.ca_file)

    def use(self, token: str) -> None:
        """Send this token from now on."""
        self._session.auth = Bearer(token)

    def top(self) -> tuple[Cursor, int]:
        """Return the end of the location's log, and the oldest position that it still has."""
        content = self._get("/events", {"location": self._location, "limit": 1}, epoch=str, top=int, oldest=int)
        return Cursor(content["epoch"], content["top"]), content["oldest"]

    def figures(self) -> tuple[dict[str, Any], Cursor]:
        """Return the location's figures, and the position that they are as of."""
        content = self._get("/api/dashboard/metrics", {"location": self._location, "names": "true"})
        with _parsing("/api/dashboard/metrics"):
            position = content["position"] or {"epoch": "", "seq": 0}
            return content, Cursor(str(position["epoch"]), int(position["seq"]))

    def page(self, after: Cursor) -> PolledPage:
        """Return the events after a cursor; `recovered` is false where the server cannot resume from it."""
        params = {"location": self._location, "after": str(after) if after.epoch else "oldest", "limit": PAGE}
        content = self._get("/events", params, events=list, epoch=str, recovered=bool, oldest=int)
        with _parsing("/events"):
            events = [from_json(event) for event in content["events"]]
            unreadable = tuple((int(each["from"]), int(each["to"])) for each in content.get("unreadable", ()))
            position, top = (int(content.get(name, 0)) for name in ("position", "top"))
            forget = tuple(str(contact) for contact in content.get("forget", ()))
        known = content["epoch"], content["recovered"], content["oldest"]
        return PolledPage(events, *known, unreadable, position, top, forget)

    def close(self) -> None:
        self._session.close()

    def _get(self, path: str, params: dict[str, Any], **expected: type) -> dict[str, Any]:
        response = self._response(path, params)
        self._count_bytes(len(response.content))
        if response.status_code != requests.codes.ok:
            raise HTTPRefused(response.status_code, path)
        with _parsing(path):
            return checked(orjson.loads(response.content), **expected)

    def _response(self, path: str, params: dict[str, Any]) -> requests.Response:
        url = self._endpoint.api_url.rstrip("/") + path
        try:
            return self._session.get(url, params=params, timeout=self._endpoint.timeout_s)
        except requests.Timeout:
            raise ConnectionSilent(self._endpoint.timeout_s) from None
        except requests.RequestException as error:
            raise lost_connection(error, url) from None


@contextlib.contextmanager
def _parsing(path: str) -> Iterator[None]:
    try:
        yield
    except (KeyError, TypeError, ValueError) as error:
        raise ProtocolViolation(f"{path}: {type(error).__name__} {error!s:.80}") from None
