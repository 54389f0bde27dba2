"""Publish events over HTTP in batches that the contract allows: a retry repeats the ids, so each is stored once."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from threading import Event as Flag
from typing import Any, NamedTuple, Self

import orjson
import requests
from tenacity import RetryCallState, Retrying, retry_if_exception_type, sleep_using_event, stop_after_delay
from tenacity.stop import stop_when_event_set

from jorge_data.backoff import Backoff
from jorge_data.errors import Forbidden, Invalid, RequestRefused, TooLarge, TooMany, Unauthenticated, Unavailable
from jorge_data.events import new_id
from jorge_data.events.numbers import read_whole
from jorge_data.events.validation import MAX_EVENTS, MAX_PUBLISH_BYTES
from jorge_data.http_client import http_session, lasting_fault, why_unreachable


def batches(events: Iterable[Mapping[str, Any]]) -> Iterator[bytes]:
    """Yield the bodies of the publishes that carry these events, in order."""
    batch: list[bytes] = []
    size = 2
    for event in events:
        # The id is set before the first attempt: a retry is then the same event, never a second one.
        body = orjson.dumps(event if event.get("id") else {**event, "id": new_id()})
        if batch and (len(batch) == MAX_EVENTS or size + len(body) + 1 > MAX_PUBLISH_BYTES):
            yield joined(batch)
            batch, size = [], 2
        batch.append(body)
        size += len(body) + 1
    if batch:
        yield joined(batch)


def joined(batch: Iterable[bytes]) -> bytes:
    """Return the JSON list of events that are JSON already."""
    return b"[" + b",".join(batch) + b"]"


_REFUSALS: dict[int, type[RequestRefused]] = {
    kind.status: kind for kind in (Unauthenticated, Forbidden, TooLarge, Invalid, TooMany, Unavailable)
}
NOT_STORED = "not_kept"
"""The code of an event with which nothing is wrong, and which is to be sent again."""

AHEAD = "clock"
"""The code of an event whose time is later than the server's: right by its sender's clock, it is good."""

_BACKOFF = Backoff(base_s=0.2, cap_s=10)


class Receipt(NamedTuple):
    """What became of one event: its position, or the error that says why it was refused."""

    id: str | None
    epoch: str = ""
    seq: int = 0
    duplicate: bool = False
    error: dict[str, Any] | None = None


class Client:
    """Publishes for one bot, from one thread; the server has stored what `publish` has returned a position for.

    The client stores nothing: events that could not be delivered are the caller's to publish again.
    `ca_file` holds the authorities (PEM) that are trusted besides the machine's; None: those of JORGE_CA_FILE.
    """

    def __init__(
        self,
        api_url: str,
        token: str,
        *,
        timeout_s: float = 10,
        give_up_s: float = 30,
        stop: Flag | None = None,
        on_retry: Callable[[RequestRefused], None] | None = None,
        ca_file: str | None = None,
    ) -> None:
        self._api_url = api_url.rstrip("/")
        self._timeout_s = timeout_s
        self._session = http_session(api_url, token, ca_file=ca_file)
        stop = stop or Flag()
        self._retrying = Retrying(
            retry=retry_if_exception_type((TooMany, Unavailable)),
            wait=_BACKOFF,
            stop=stop_after_delay(give_up_s) | stop_when_event_set(stop),
            sleep=sleep_using_event(stop),
            before_sleep=lambda state: on_retry(_refusal(state)) if on_retry else None,
            reraise=True,
        )

    def publish(self, events: Iterable[Mapping[str, Any]], path: str = "/events") -> list[Receipt]:
        """Publish in order and return one receipt an event; raise RequestRefused where the server did not take them.

        `path` may have a query, as `loaded` of who brings in a past.
        """
        receipts: list[Receipt] = []
        for body in batches(events):
            receipts.extend(self.send(body, path))
        return receipts

    def send(self, body: bytes, path: str = "/events") -> list[Receipt]:
        """Publish one JSON list of at most 500 events and 1 MiB, as `batches` and the spool make them."""
        return list(_receipts(self.request("POST", path, body)))

    def request(self, method: str, path: str, body: bytes | None = None) -> dict[str, Any]:
        """Return the response's JSON object; connection errors, 429 and 5xx are retried until the client gives up."""
        return self._retrying(self._once, method, path, body)

    def _once(self, method: str, path: str, body: bytes | None) -> dict[str, Any]:
        headers = {"Content-Type": "application/json"} if body is not None else {}
        try:
            response = self._session.request(
                method, self._api_url + path, data=body, headers=headers, timeout=self._timeout_s
            )
        except requests.RequestException as error:
            if lasting := lasting_fault(error, self._api_url):
                raise RequestRefused(lasting) from None
            raise Unavailable(why_unreachable(error, self._api_url)) from None
        return _content(response)

    def close(self) -> None:
        self._session.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


def _content(response: requests.Response) -> dict[str, Any]:
    content = _object(response.content)
    refused_events = response.status_code == 422 and "results" in content
    gone_already = response.status_code == 404 and response.request.method == "DELETE"
    if response.ok or refused_events or gone_already:
        _raise_if_not_stored(content)
        return content
    status = 503 if response.status_code >= 500 else response.status_code
    error = content.get("error", {})
    detail = str(error.get("detail") or f"{response.status_code} {response.reason}")
    retry_after_s = _seconds(response.headers.get("Retry-After"))
    raise _REFUSALS.get(status, RequestRefused)(detail, error.get("faults"), retry_after_s)


def _raise_if_not_stored(content: dict[str, Any]) -> None:
    """Raise Unavailable where the server could not store an event now: sent again, the others are duplicates by id."""
    for result in content.get("results", ()):
        if result.get("error", {}).get("code") == NOT_STORED:
            raise Unavailable(str(result["error"].get("detail")))


def _seconds(retry_after: str | None) -> float | None:
    """Read Retry-After in its seconds form; its date form is left to the ordinary backoff."""
    return read_whole(retry_after)


def _refusal(state: RetryCallState) -> RequestRefused:
    error = state.outcome.exception() if state.outcome else None
    return error if isinstance(error, RequestRefused) else Unavailable(str(error))


def _object(body: bytes) -> dict[str, Any]:
    try:
        content = orjson.loads(body)
    except orjson.JSONDecodeError:
        return {}
    return content if isinstance(content, dict) else {}


def _receipts(content: dict[str, Any]) -> Iterator[Receipt]:
    if "results" not in content:
        raise Unavailable("the response to a publish holds no results: this is not the event server")
    for result in content["results"]:
        yield Receipt(**{name: result[name] for name in Receipt._fields if name in result})
