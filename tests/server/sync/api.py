"""GoHighLevel's API as its specification has it (2021-07-28), on loopback: paging, both rate limits, refusals."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

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


class FakeGHL:
    """The API's server: what it lists, what it was asked, and what it is told to answer next."""

    def __init__(self) -> None:
        self.opportunities: list[Json] = []
        self.contacts: list[Json] = []
        self.unlisted: list[Json] = []  # opportunities that are there, and that the listing passes over
        self.asked: list[tuple[str, Json]] = []
        self.failures: list[tuple[int, dict[str, str]]] = []  # answered before anything else, first in first out
        self.remaining = 100
        self.daily = 200_000
        self.held = threading.Event()  # while it is clear, listings beyond the first page wait
        self.held.set()
        fake = self

        class Answering(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                status, body, headers = fake.answer(self.path, dict(self.headers))
                raw = json.dumps(body).encode()
                self.send_response(status)
                for name, value in {**headers, "Content-Length": str(len(raw))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(raw)

            def log_message(self, format: str, *args: Any) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), name="fake ghl")
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.held.set()
        self._server.shutdown()
        self._thread.join(10)
        self._server.server_close()

    def answer(self, target: str, headers: dict[str, str]) -> tuple[int, Json, dict[str, str]]:
        parts = urlsplit(target)
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
