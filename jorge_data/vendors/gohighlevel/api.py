"""GoHighLevel's API for the synchronization: five listings, read page by page within both rate limits."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, Self
from urllib.parse import quote

import requests
from tenacity import RetryCallState, Retrying, retry_if_exception, stop_after_attempt

from jorge_data.backoff import Backoff
from jorge_data.errors import SourceFailed
from jorge_data.events.numbers import read_whole
from jorge_data.http_client import http_session, lasting_fault
from jorge_data.vendors.base import Json
from jorge_data.vendors.moments import read_moment

RESERVE = 10
"""Requests of a window that are left to other users of the same token."""

DAILY_RESERVE = 1000

LONGEST_WAIT_S = 120.0


@dataclass(frozen=True)
class Allowance:
    """Requests that are left of a window (100 in 10 s, as documented) and of the day (200,000); None: not stated."""

    in_window: int | None = None
    window_s: float = 10.0
    in_day: int | None = None
    retry_after_s: float | None = None

    @classmethod
    def of(cls, headers: Mapping[str, str]) -> "Allowance":
        """Return the allowance in a response's headers; a header that is missing or no number is None."""
        window_ms = _number(headers.get("X-RateLimit-Interval-Milliseconds"))
        return cls(
            in_window=_number(headers.get("X-RateLimit-Remaining")),
            window_s=window_ms / 1000 if window_ms else 10.0,
            in_day=_number(headers.get("X-RateLimit-Daily-Remaining")),
            retry_after_s=_number(headers.get("Retry-After")),
        )

    @property
    def is_spent_for_today(self) -> bool:
        return self.in_day is not None and self.in_day <= DAILY_RESERVE

    def wait_s(self) -> float:
        """Return the seconds to wait before the next request: a whole window where only RESERVE is left of this one."""
        if self.in_window is None or self.in_window > RESERVE:
            return 0.0
        return min(self.window_s, LONGEST_WAIT_S)


def _number(text: str | None) -> int | None:
    return read_whole(text) if text is not None and len(text) < 10 else None


LIMIT = 100


class Position(NamedTuple):
    """The position of a listing after a page: time in milliseconds and id of its last record, as the API takes them."""

    start_after: int
    start_after_id: str

    @classmethod
    def read(cls, fields: Json) -> Self | None:
        """Return the position in JSON, None where it has none."""
        moment, identifier = fields.get("startAfter"), fields.get("startAfterId")
        if isinstance(moment, bool) or not isinstance(moment, int) or not isinstance(identifier, str):
            return None
        return cls(moment, identifier)

    def as_json(self) -> Json:
        return {"startAfter": self.start_after, "startAfterId": self.start_after_id}


class ListingPage(NamedTuple):
    """A page of a listing; `after` is the position of the next one, None on the last."""

    records: list[Json]
    after: Position | None
    total: int | None


def read_page(body: Json, name: str, before: Position | None) -> ListingPage:
    """Return the page in a response; its `nextPageUrl` is ignored, since it could lead anywhere."""
    listed = body.get(name)
    records = [record for record in listed if isinstance(record, dict)] if isinstance(listed, list) else []
    given = body.get("meta")
    meta: Json = given if isinstance(given, dict) else {}
    after = (Position.read(meta) or _last(records)) if len(records) >= LIMIT else None
    total = meta.get("total", body.get("total"))
    # A position that does not move would be read for ever.
    return ListingPage(records, after if after != before else None, total if isinstance(total, int) else None)


def _last(records: list[Json]) -> Position | None:
    """Return the position of the last record, for listings without `meta`."""
    last: dict[str, Any] = records[-1]
    added, identifier = read_moment(last.get("dateAdded", last.get("createdAt"))), last.get("id")
    return Position(round(added.timestamp() * 1000), identifier) if added and isinstance(identifier, str) else None


VERSION = "2021-07-28"
ATTEMPTS = 6
BACKOFF = Backoff(longest_retry_after_s=LONGEST_WAIT_S)
WITHIN_S = (5.0, 30.0)
NAME = "GoHighLevel"

GONE = (400, 404, 410, 422)
"""The statuses of a record that does not exist: the specification has 400 and 422, and no 404."""


class _Unreachable(SourceFailed):
    """The API cannot be reached until somebody changes something, as a setting: another attempt is of no use."""


class API:
    """A client of one location's records, for one thread at a time.

    `wait` sleeps for seconds and returns whether the synchronization was stopped meanwhile, as
    `threading.Event.wait` does.
    """

    def __init__(
        self, base_url: str, token: str, location: str, wait: Callable[[float], bool], ca_file: str | None = None
    ) -> None:
        self.location = location
        self._base_url = base_url.rstrip("/")
        self._wait = wait
        self._allowance = Allowance()
        self._session = http_session(base_url, token, ca_file=ca_file)
        self._session.headers.update({"Version": VERSION, "Accept": "application/json"})
        self._retrying = Retrying(
            retry=retry_if_exception(_is_transient),
            wait=self._pause_s,
            stop=stop_after_attempt(ATTEMPTS),
            before=lambda state: self._sleep(self._allowance.wait_s()),
            sleep=self._sleep,
            reraise=True,
        )

    def close(self) -> None:
        self._session.close()

    def custom_fields(self) -> Json:
        """Return the location's custom fields, of contacts and of opportunities."""
        return self._get(f"/locations/{self.location}/customFields", {"model": "all"})

    def try_once(self) -> None:
        """Ask for the pipelines, one opportunity and one contact; raise SourceFailed where one is refused or missing.

        Each in a single attempt: a token may have the scope of some alone.
        """
        self._get_once(*self._pipelines)
        self._get_once("/opportunities/search", {"location_id": self.location, "limit": 1})
        self._get_once("/contacts/", {"locationId": self.location, "limit": 1})

    def pipelines(self) -> Json:
        """Return the location's pipelines with their stages."""
        return self._get(*self._pipelines)

    @property
    def _pipelines(self) -> tuple[str, dict[str, Any]]:
        return "/opportunities/pipelines", {"locationId": self.location}

    def users(self) -> Json:
        """Return the location's people; none where the token may not read them (scope users.readonly)."""
        try:
            return self._get("/users/", {"locationId": self.location})
        except SourceFailed as failure:
            if failure.status in (401, 403, *GONE):
                return {"users": []}
            raise

    def opportunities(self, after: Position | None) -> ListingPage:
        """Return the opportunities after a position, of every status, oldest first."""
        query = {"location_id": self.location, "status": "all", "order": "added_asc", "limit": LIMIT}
        body = self._get("/opportunities/search", query | (after.as_json() if after else {}))
        return read_page(body, "opportunities", after)

    def contacts(self, after: Position | None) -> ListingPage:
        """Return the contacts after a position."""
        query = {"locationId": self.location, "limit": LIMIT}
        return read_page(self._get("/contacts/", query | (after.as_json() if after else {})), "contacts", after)

    def has(self, listing: str, identifier: str) -> bool:
        """Return whether a record that a listing did not have exists all the same."""
        try:
            self._get(f"/{listing}/{quote(identifier, safe='')}", {})
        except SourceFailed as failure:
            if failure.status in GONE:
                return False
            raise
        return True

    def _get(self, path: str, query: dict[str, Any]) -> Json:
        """Return a response's body, in up to six attempts; raise SourceFailed where it is refused or missing."""
        return self._retrying(self._get_once, path, query)

    def _get_once(self, path: str, query: dict[str, Any]) -> Json:
        self._allowance = Allowance()
        try:
            response = self._session.get(self._base_url + path, params=query, timeout=WITHIN_S)
        except requests.RequestException as error:  # its text may name proxies, with their passwords
            if lasting := lasting_fault(error, self._base_url):
                raise _Unreachable(NAME, lasting) from None
            raise SourceFailed(NAME, f"{path}: {type(error).__name__}") from None
        self._allowance = Allowance.of(response.headers)
        if response.status_code != 200:
            raise SourceFailed(NAME, f"{path}: {_detail(response)}", response.status_code)
        return _body(response, path)

    def _pause_s(self, state: RetryCallState) -> float:
        return BACKOFF.delay_s(state.attempt_number, self._allowance.retry_after_s)

    def _sleep(self, seconds: float) -> None:
        if self._allowance.is_spent_for_today:
            raise SourceFailed(NAME, "the day's requests are used up: the next synchronization goes on from here")
        if self._wait(seconds):
            raise SourceFailed(NAME, "the synchronization was stopped: the next one goes on from here")


def _is_transient(error: BaseException) -> bool:
    """Return whether another attempt may succeed: there was no response, or it was 429 or a server error."""
    if not isinstance(error, SourceFailed) or isinstance(error, _Unreachable):
        return False
    return error.status is None or error.status == 429 or error.status >= 500


def _body(response: requests.Response, path: str) -> Json:
    try:
        body = response.json()
    except requests.JSONDecodeError:
        body = None
    if not isinstance(body, dict):
        raise SourceFailed(NAME, f"{path}: the answer is no JSON object", response.status_code)
    return body


def _detail(response: requests.Response) -> str:
    """Return the message of a refusal, at most 200 characters."""
    try:
        message = response.json().get("message")
    except (requests.JSONDecodeError, AttributeError):
        message = None
    return str(message or response.reason)[:200]
