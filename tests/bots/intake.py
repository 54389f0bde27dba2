"""A tiny HTTP server that takes publishes as the contract says, and misbehaves by script."""

import contextlib
import json
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.http_server import HttpServer, Reply, Request

Json = dict[str, Any]


@dataclass
class Intake:
    """What has come in, and how the next requests will be answered (status, headers, body); status 0 hangs up."""

    url: str = ""
    requests: list[tuple[str, str, Any]] = field(default_factory=list)
    script: deque[tuple[int, dict[str, str], Any]] = field(default_factory=deque)
    locations: list[Json] = field(default_factory=list)
    stored: dict[str, Json] = field(default_factory=dict)
    authorization: set[str | None] = field(default_factory=set)
    spoiler: str = ""
    """The id of an event whose whole publish is answered with 413."""

    @property
    def publishes(self) -> list[list[Json]]:
        return [body for method, _, body in self.requests if method == "POST"]

    def answer(self, method: str, path: str, body: Any) -> tuple[int, dict[str, str], Any]:
        self.requests.append((method, path, body))
        if self.script:
            return self.script.popleft()
        if method == "POST" and any(event["id"] == self.spoiler for event in body):
            return 413, {}, {"error": {"code": "too_large", "detail": "not for us"}}
        if method == "POST":
            return 200, {}, {"results": [self._store(event) for event in body]}
        if method == "GET" and path.startswith("/events?"):
            return 200, {}, self._page(parse_qs(urlsplit(path).query))
        if method == "GET" and path.startswith("/api/dashboard/metrics?"):
            return 200, {}, {"sources": self._newest()}
        return 200, {}, {"locations": self.locations} if method == "GET" else {}

    def _newest(self) -> dict[str, str]:
        times: dict[str, str] = {}
        for event in self.stored.values():
            times[event["source"]] = max(times.get(event["source"], ""), event["time"], key=_moment)
        return times

    def _page(self, query: dict[str, list[str]]) -> Json:
        (after,), limit = query["after"], int(query["limit"][0])
        position = 0 if after == "oldest" else int(after.removeprefix("e1:"))
        events = list(self.stored.values())[position : position + limit]
        return {"epoch": "e1" if self.stored else "", "top": len(self.stored), "events": events}

    def _store(self, event: Json) -> Json:
        duplicate = event["id"] in self.stored
        self.stored.setdefault(event["id"], event)
        seq = list(self.stored).index(event["id"]) + 1 if duplicate else len(self.stored)
        return {"id": event["id"], "epoch": "e1", "seq": seq, "duplicate": duplicate}


def _moment(time: str) -> float:
    return datetime.fromisoformat(time).timestamp() if time else 0.0


@contextlib.contextmanager
def listening() -> Iterator[Intake]:
    """Serve an Intake on a free loopback port."""
    intake = Intake()

    def reply(request: Request) -> Reply:
        intake.authorization.add(request.headers.get("Authorization"))
        body = json.loads(request.body) if request.body else None
        status, headers, answer = intake.answer(request.method, request.target, body)
        return status, headers, json.dumps(answer).encode()

    with HttpServer(reply, keep_alive=True) as server:
        intake.url = server.url
        yield intake
