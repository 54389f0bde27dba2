"""An event server that answers what a test tells it to, and remembers what it was asked."""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from jorge_data.feed import Endpoint
from tests.http_server import HttpServer, Reply, Request

Pairs = list[tuple[str, str]]
Answer = Callable[[str, Pairs], tuple[int, Any]]


def series(*rows: list[Any], columns: tuple[str, ...] = ("t", "value", "n"), seq: int = 1) -> tuple[int, Any]:
    """Return an answer of `/api/series` as of a position."""
    position = {"epoch": "e1", "seq": seq}
    return 200, {"columns": list(columns), "rows": list(rows), "position": position, "exact": True}


def table(*rows: list[Any], columns: tuple[str, ...], seq: int = 1, following: str | None = None) -> tuple[int, Any]:
    """Return an answer of `/api/table` as of a position."""
    position = {"epoch": "e1", "seq": seq}
    return 200, {
        "columns": list(columns), "rows": list(rows), "next": following, "total": len(rows), "position": position
    }  # fmt: skip


class Oracle(HttpServer):
    """Serve on loopback; `answer` may be changed at any time."""

    def __init__(self, answer: Answer, port: int = 0) -> None:
        super().__init__(self._reply, port)
        self.answer = answer
        self.asked: list[tuple[str, Pairs]] = []
        self.endpoint = Endpoint(f"ws://127.0.0.1:{self.port}", self.url)

    def _reply(self, request: Request) -> Reply:
        parts = urlsplit(request.target)
        pairs = parse_qsl(parts.query, keep_blank_values=True)
        self.asked.append((parts.path, pairs))
        status, answer = self.answer(parts.path, pairs)
        return status, {}, json.dumps(answer).encode()
