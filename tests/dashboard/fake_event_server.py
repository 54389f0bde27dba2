"""An event server that responds as a test wants, and records the requests that it gets."""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from jorge_data.feed import Endpoint
from tests.http_server import HttpServer, Reply, Request

Pairs = list[tuple[str, str]]
Respond = Callable[[str, Pairs], tuple[int, Any]]


def series(*rows: list[Any], columns: tuple[str, ...] = ("t", "value", "n"), seq: int = 1) -> tuple[int, Any]:
    """Return a response of `/api/series` as of a position."""
    position = {"epoch": "e1", "seq": seq}
    return 200, {"columns": list(columns), "rows": list(rows), "position": position, "exact": True}


def table(*rows: list[Any], columns: tuple[str, ...], seq: int = 1, following: str | None = None) -> tuple[int, Any]:
    """Return a response of `/api/table` as of a position."""
    position = {"epoch": "e1", "seq": seq}
    return 200, {
        "columns": list(columns), "rows": list(rows), "next": following, "total": len(rows), "position": position
    }  # fmt: skip


class FakeEventServer(HttpServer):
    """Serve on loopback; `respond` may be changed at any time."""

    def __init__(self, respond: Respond, port: int = 0) -> None:
        super().__init__(self._reply, port)
        self.respond = respond
        self.respond_to: Callable[[Request], tuple[int, Any]] | None = None
        """Where it is set, it is asked instead."""
        self.requests: list[tuple[str, Pairs]] = []
        self.endpoint = Endpoint(f"ws://127.0.0.1:{self.port}", self.url)

    def _reply(self, request: Request) -> Reply:
        parts = urlsplit(request.target)
        pairs = parse_qsl(parts.query, keep_blank_values=True)
        self.requests.append((parts.path, pairs))
        status, body = self.respond_to(request) if self.respond_to else self.respond(parts.path, pairs)
        return status, {}, json.dumps(body).encode()
