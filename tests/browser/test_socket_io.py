"""A front end in a browser, from an address of its own: let in by `JORGE_ORIGINS`, else told nothing."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.http_server import HttpServer, Reply, Request
from tests.npm_clients import NODE_MODULES, needs_node
from tests.served import Served, bot_status, free_port

pytestmark = [pytest.mark.browser, needs_node]

BUNDLE = NODE_MODULES / "socket.io-client" / "dist" / "socket.io.min.js"
PAGE = """<!doctype html><title>A front end</title><script src="/socket.io.js"></script><ol></ol><script>
const [url, transports] = JSON.parse(decodeURIComponent(location.hash.slice(1)));
const show = (...words) => {
  document.querySelector("ol").append(Object.assign(document.createElement("li"), { textContent: words.join(" ") }));
};
const socket = io(url, { reconnection: false, ...(transports ? { transports } : {}) });
socket.on("subscribed", () => show("subscribed"));
socket.on("bot_status_update", (event) => show(event.bot_type, event.current_step));
socket.on("connect_error", () => show("refused"));
</script>"""


def answer(request: Request) -> Reply:
    """Return the page of a front end, or the client that it loads."""
    if request.target == "/socket.io.js":
        return 200, {"Content-Type": "text/javascript"}, BUNDLE.read_bytes()
    return 200, {"Content-Type": "text/html"}, PAGE.encode()


@pytest.fixture(scope="module")
def front_end() -> Iterator[HttpServer]:
    with HttpServer(answer) as server:
        yield server


@pytest.mark.parametrize("transports", ["null", '["polling"]', '["websocket"]'])
@pytest.mark.parametrize("is_allowed", [True, False], ids=["allowed", "from-elsewhere"])
def test_a_page_is_told_what_happens_where_its_origin_is_allowed(
    chromium: Browser, front_end: HttpServer, tmp_path: Path, transports: str, is_allowed: bool
) -> None:
    origins = front_end.url if is_allowed else f"http://127.0.0.1:{free_port()}"
    with Served(tmp_path, JORGE_ORIGINS=origins) as server, chromium.new_context() as context:
        page = context.new_page()
        page.goto(f'{front_end.url}/#["{server.url}",{transports}]')
        lines = page.locator("li")
        if not is_allowed:
            lines.filter(has_text="refused").first.wait_for()
            assert lines.count() == 1
            return
        lines.filter(has_text="subscribed").wait_for()
        server.post([bot_status(1)])
        lines.filter(has_text="jorge-seller step-1").wait_for()
