"""A login ends when nobody does anything, also on a page that refreshes itself because it has no live connection."""

from collections import Counter
from contextlib import ExitStack
from functools import partial
from pathlib import Path

from playwright.sync_api import Browser, Page, WebSocket, expect

from tests.browser.visitor import PATIENCE_MS
from tests.dashboard_process import Dashboard
from tests.people import add_user, behind_login, log_in
from tests.served import Served
from tests.waiting import wait_until

REFRESH_S = 2
IDLE_S = 5 * REFRESH_S
"""Set once both pages refresh themselves: before that, nobody is sent away who waits for a busy machine."""

REFRESHES = 4
"""The page that was opened, its connection that is gone, and twice or more by the clock."""


def count(sent: Counter[str], name: str, socket: WebSocket) -> None:
    """Count what a page sends by Streamlit's socket."""
    if socket.url.endswith("/_stcore/stream"):
        socket.on("framesent", lambda _: sent.update([name]))


def watch(sent: Counter[str], name: str, page: Page) -> None:
    page.on("websocket", partial(count, sent, name))


def test_a_page_that_polls_or_whose_socket_is_blocked_keeps_nobody_in(chromium: Browser, tmp_path: Path) -> None:
    sent, dashboards, pages = Counter[str](), dict[str, Dashboard](), dict[str, Page]()
    with ExitStack() as stack:
        server = stack.enter_context(Served(tmp_path, JORGE_ANONYMOUS="off"))
        add_user(server, "dana", "manager")
        for name, given in (("blocked", {}), ("polling", {"JORGE_ENABLE_WEBSOCKET": "false"})):
            (folder := tmp_path / name).mkdir()
            often = {"JORGE_REFRESH_INTERVAL_MS": str(1000 * REFRESH_S)}
            dashboards[name] = stack.enter_context(behind_login(server, folder, **often, **given))
        for name, dashboard in dashboards.items():
            context = stack.enter_context(chromium.new_context())
            context.route_web_socket("**/api/live", lambda socket: socket.close())
            context.on("page", partial(watch, sent, name))
            pages[name] = log_in(context, dashboard.url, "dana")
            pages[name].wait_for_url(f"{dashboard.url}/")
        for name, page in pages.items():
            wait_until(lambda page=page, name=name: bool(page.title()) and sent[name] >= REFRESHES)  # type: ignore[misc]
        server.stop()
        server.environment["JORGE_SESSION_IDLE_HOURS"] = str(IDLE_S / 3600)
        server.start()
        for page in pages.values():
            expect(page.get_by_label("Password")).to_be_visible(timeout=PATIENCE_MS + 1000 * IDLE_S)
