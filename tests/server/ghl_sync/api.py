"""GoHighLevel's API as its specification has it (2021-07-28), on loopback: paging, both rate limits, refusals."""

import json
import threading
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.http_server import HttpServer, Reply, Request

LOCATION, TOKEN = "office-1", "pit-0123456789"
POISON = "http://localhost:5066/never"

Json = dict[str, Any]


def deal(number: int, **fields: Any) -> Json:
    """Return an opportunity of the API; the higher its number, the later it was added."""
    return {
        "id": f"deal-{number:04}",
        "name": f"House {number}",
        "monetaryValue": 1000 * number,
        "pipelineId": "p-1",
        "pipelineStageId": "s-1",
        "status": "open",
        "contactId": f"contact-{number:04}",
        "locationId": LOCATION,
        "createdAt": "2026-01-05T10:00:00.000Z",
        "updatedAt": "2026-01-05T10:00:00.000Z",
        "customFields": [{"id": "f-1", "fieldValue": "x"}],
    } | fields


def person(number: int, **fields: Any) -> Json:
    names = {"firstName": "Ann", "lastName": f"Lee {number}", "phone": f"+1512555{number:04}", "tags": []}
    return {"id": f"contact-{number:04}", "dateAdded": "2026-01-05T10:00:00.000Z", **names} | fields


class FakeGHL(HttpServer):
    """The API's server: what it lists, the requests it received, and the responses set for the next ones."""

    def __init__(self) -> None:
        super().__init__(self._reply)
        self.opportunities: list[Json] = []
        self.contacts: list[Json] = []
        self.unlisted: list[Json] = []  # opportunities that are there, and that the listing passes over
        self.asked: list[tuple[str, Json]] = []
        self.failures: list[tuple[int, dict[str, str]]] = []  # answered before anything else, first in first out
        self.out_of_scope: set[str] = set()  # the paths that the token may not read
        self.remaining = 100
        self.daily = 200_000
        self.held = threading.Event()  # while it is clear, listings beyond the first page wait
        self.held.set()

    def close(self) -> None:
        self.held.set()
        super().close()

    def _reply(self, request: Request) -> Reply:
        status, body, headers = self._answer(request)
        return status, headers, json.dumps(body).encode()

    def _answer(self, request: Request) -> tuple[int, Json, dict[str, str]]:
        parts, headers = urlsplit(request.target), request.headers
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        self.asked.append((parts.path, query))
        limits = {
            "X-RateLimit-Max": "100",
            "X-RateLimit-Remaining": str(self.remaining),
            "X-RateLimit-Interval-Milliseconds": "200",
            "X-RateLimit-Daily-Remaining": str(self.daily),
        }
        if self.failures:
            status, more = self.failures.pop(0)
            return status, {"message": "try later"}, limits | more
        if headers.get("Authorization") != f"Bearer {TOKEN}" or headers.get("Version") != "2021-07-28":
            return 401, {"statusCode": 401, "message": "Invalid JWT"}, limits
        if parts.path in self.out_of_scope:
            return 401, {"statusCode": 401, "message": "The token is not authorized for this scope."}, limits
        body = self._body(parts.path, query)
        return (200, body, limits) if body else (404, {"message": "Not found"}, limits)

    def _body(self, path: str, query: dict[str, str]) -> Json | None:
        match path:
            case "/opportunities/pipelines" if query.get("locationId") == LOCATION:
                return {"pipelines": [{"id": "p-1", "name": "Sales", "stages": [{"id": "s-1", "name": "Showing"}]}]}
            case "/opportunities/search" if query.get("location_id") == LOCATION:
                return self._page("opportunities", self.opportunities, query)
            case "/contacts/" if query.get("locationId") == LOCATION:
                return self._page("contacts", self.contacts, query)
        listing, _, identifier = path.strip("/").partition("/")
        for record in {"opportunities": self.opportunities + self.unlisted, "contacts": self.contacts}.get(listing, []):
            if record["id"] == identifier:
                return {listing.removesuffix("s"): record}
        if path == f"/locations/{LOCATION}/customFields":
            return {"customFields": [{"id": "f-1", "name": "Motivation", "fieldKey": "contact.motivation"}]}
        return None

    def _page(self, name: str, records: list[Json], query: dict[str, str]) -> Json:
        after, limit = query.get("startAfterId", ""), int(query.get("limit", 20))
        if after:
            self.held.wait(30)
        page = [record for record in records if record["id"] > after][:limit]
        last = {"startAfter": 1_767_607_200_000, "startAfterId": page[-1]["id"]} if page else {}
        return {name: page, "meta": {"total": len(records), "nextPageUrl": POISON, "currentPage": 1, **last}}
