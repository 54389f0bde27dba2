import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from jorge_data.errors import RequestRefused
from jorge_data.feed import Endpoint
from jorge_data.live.api import Api

ANSWERS = {
    "/ours": b'{"error": {"code": "invalid", "detail": "limit is 9999: allowed are 1-500"}}',
    "/a-proxys": b"<h1>no</h1>",
    "/some-json": b'{"error": "no"}',
}


class _Refusing(BaseHTTPRequestHandler):
    """Refuse with the text that the path names."""

    def do_GET(self) -> None:
        self.send_response(422)
        self.end_headers()
        self.wfile.write(ANSWERS[self.path])

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def api() -> Iterator[Api]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Refusing) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        address = f"127.0.0.1:{server.server_port}"
        yield Api(Endpoint(f"ws://{address}", f"http://{address}"))
        server.shutdown()
        thread.join(10)


def test_a_refusal_tells_the_servers_own_reason(api: Api) -> None:
    with pytest.raises(RequestRefused, match=r"^the event server says: limit is 9999: allowed are 1-500$"):
        api.get("/ours")


@pytest.mark.parametrize("path", ["/a-proxys", "/some-json"])
def test_a_refusal_without_a_reason_tells_its_status(api: Api, path: str) -> None:
    with pytest.raises(RequestRefused, match=r"^the event server answered 422$"):
        api.get(path)
