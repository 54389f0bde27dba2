"""GoHighLevel's API as the synchronization needs it: four listings, read within both rate limits."""

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import requests
from tenacity import RetryCallState, Retrying, retry_if_exception, stop_after_attempt

from jorge_data.backoff import Backoff
from jorge_data.bearer import Bearer
from jorge_data.crm.ghl.allowance import LONGEST_WAIT_S, Allowance
from jorge_data.crm.ghl.page import LIMIT, Page, Position, read_page
from jorge_data.crm.vendor import Json
from jorge_data.errors import SourceFailed

VERSION = "2021-07-28"
ATTEMPTS = 6
BACKOFF = Backoff(longest_retry_after_s=LONGEST_WAIT_S)
WITHIN_S = (5.0, 30.0)
NAME = "GoHighLevel"

GONE = (400, 404, 410, 422)
"""How a record is denied by its id: the specification names 400 and 422, and no 404."""


class API:
    """Asks for one location's records; one thread at a time.

    `wait` is asked to wait, and says whether the work was given up meanwhile (as `threading.Event.wait` does).
    """

    def __init__(self, base_url: str, token: str, location: str, wait: Callable[[float], bool]) -> None:
        self.location = location
        self._base_url = base_url.rstrip("/")
        self._wait = wait
        self._allowance = Allowance()
        self._session = requests.Session()
        self._session.auth = Bearer(token)
        self._session.headers.update({"Version": VERSION, "Accept": "application/json"})
        self._retrying = Retrying(
            retry=retry_if_exception(_is_passing),
            wait=self._pause_s,
            stop=stop_after_attempt(ATTEMPTS),
            before=lambda state: self._rest(self._allowance.wait_s()),
            sleep=self._rest,
            reraise=True,
        )

    def close(self) -> None:
        self._session.close()

    def custom_fields(self) -> Json:
        """Return the location's custom fields, of contacts and of opportunities."""
        return self._get(f"/locations/{self.location}/customFields", {"model": "all"})

    def pipelines(self) -> Json:
        """Return the location's pipelines with their stages."""
        return self._get("/opportunities/pipelines", {"locationId": self.location})

    def opportunities(self, after: Position | None) -> Page:
        """Return the opportunities after a position, of every status, oldest first."""
        query = {"location_id": self.location, "status": "all", "order": "added_asc", "limit": LIMIT}
        body = self._get("/opportunities/search", query | (after.as_json() if after else {}))
        return read_page(body, "opportunities", after)

    def contacts(self, after: Position | None) -> Page:
        """Return the contacts after a position."""
        query = {"locationId": self.location, "limit": LIMIT}
        return read_page(self._get("/contacts/", query | (after.as_json() if after else {})), "contacts", after)

    def has(self, listing: str, identifier: str) -> bool:
        """Say whether a record that a listing did not have is there all the same."""
        try:
            self._get(f"/{listing}/{quote(identifier, safe='')}", {})
        except SourceFailed as failure:
            if failure.status in GONE:
                return False
            raise
        return True

    def _get(self, path: str, query: dict[str, Any]) -> Json:
        """Ask until there is an answer; raise SourceFailed where it is a refusal, or there is none in six attempts."""
        return self._retrying(self._ask, path, query)

    def _ask(self, path: str, query: dict[str, Any]) -> Json:
        self._allowance = Allowance()
        try:
            answer = self._session.get(self._base_url + path, params=query, timeout=WITHIN_S, allow_redirects=False)
        except requests.RequestException as error:  # its text may name proxies, with their passwords
            raise SourceFailed(NAME, f"{path}: {type(error).__name__}") from None
        self._allowance = Allowance.of(answer.headers)
        if answer.status_code != 200:
            raise SourceFailed(NAME, f"{path}: {_detail(answer)}", answer.status_code)
        return _body(answer, path)

    def _pause_s(self, state: RetryCallState) -> float:
        return BACKOFF.delay_s(state.attempt_number, self._allowance.retry_after_s)

    def _rest(self, seconds: float) -> None:
        if self._allowance.is_spent_for_today:
            raise SourceFailed(NAME, "the day's requests are used up: the next synchronization goes on from here")
        if self._wait(seconds):
            raise SourceFailed(NAME, "the synchronization was stopped: the next one goes on from here")


def _is_passing(error: BaseException) -> bool:
    """Say whether another attempt may succeed: there was no answer, too many requests, or a fault of the server's."""
    return isinstance(error, SourceFailed) and (error.status is None or error.status == 429 or error.status >= 500)


def _body(answer: requests.Response, path: str) -> Json:
    try:
        body = answer.json()
    except requests.JSONDecodeError:
        body = None
    if not isinstance(body, dict):
        raise SourceFailed(NAME, f"{path}: the answer is no JSON object", answer.status_code)
    return body


def _detail(answer: requests.Response) -> str:
    """Return what the API says of a refusal, in short."""
    try:
        message = answer.json().get("message")
    except (requests.JSONDecodeError, AttributeError):
        message = None
    return str(message or answer.reason)[:200]
