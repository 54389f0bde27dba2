"""An event server that answers what a test tells it to, and remembers what it was asked."""

import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

from jorge_data.feed import Endpoint

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


class Oracle:
    """Serve on loopback; `answer` may be changed at any time."""

    def __init__(self, answer: Answer, port: int = 0) -> None:
        self.answer = answer
        self.asked: list[tuple[str, Pairs]] = []
        oracle = self

        class Answering(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                parts = urlsplit(self.path)
                pairs = parse_qsl(parts.query, keep_blank_values=True)
                oracle.asked.append((parts.path, pairs))
                status, said = oracle.answer(parts.path, pairs)
                body = json.dumps(said).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", port), Answering)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self.port = self._server.server_port
        address = f"127.0.0.1:{self.port}"
        self.endpoint = Endpoint(f"ws://{address}", f"http://{address}")

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Answer nobody any more; may be called twice."""
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join(10)
            self._server.server_close()
