"""A small HTTP server on loopback for tests: one function answers every request."""

import threading
from collections.abc import Callable
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple, Self


class Request(NamedTuple):
    """What was requested."""

    method: str
    target: str
    headers: Message
    body: bytes


Reply = tuple[int, dict[str, str], bytes]
"""Status, headers and body; status 0 hangs up without an answer."""


class HttpServer:
    """Answers from the block's begin to its end, or until closed."""

    def __init__(self, answer: Callable[[Request], Reply], port: int = 0, keep_alive: bool = False) -> None:
        self._server = ThreadingHTTPServer(("127.0.0.1", port), _answering(answer, keep_alive))
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), name="http server")
        self.port: int = self._server.server_port
        self.url = f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """Answer nobody any more; may be called twice."""
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join(10)
            self._server.server_close()


def _answering(answer: Callable[[Request], Reply], keep_alive: bool) -> type[BaseHTTPRequestHandler]:
    class Answering(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1" if keep_alive else "HTTP/1.0"
        disable_nagle_algorithm = True

        def _serve(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            status, headers, raw = answer(Request(self.command, self.path, self.headers, body))
            if not status:
                self.close_connection = True
                return
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(raw))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(raw)

        do_GET = do_POST = do_DELETE = _serve

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    return Answering
