"""A login ends when nobody does anything, also on a page that refreshes itself because it has no live connection."""

from collections import Counter
from contextlib import ExitStack
from functools import partial
from pathlib import Path

from playwright.sync_api import Browser, Page, WebSocket, expect

from tests.dashboard_process import Dashboard
from tests.people import add_user, behind_login, log_in
from tests.served import Served

IDLE_S = 60
"""Longer than a page takes to be drawn on a busy machine."""

REFRESHES = 3
"""The page that was opened, its connection that is gone, and once or more by the clock."""


def count(sent: Counter[str], name: str, socket: WebSocket) -> None:
    """Count what a page sends by Streamlit's socket."""
    if socket.url.endswith("/_stcore/stream"):
        socket.on("framesent", lambda _: sent.update([name]))


def watch(sent: Counter[str], name: str, page: Page) -> None:
    page.on("websocket", partial(count, sent, name))


def test_a_page_that_polls_or_whose_socket_is_blocked_keeps_nobody_in(chromium: Browser, tmp_path: Path) -> None:
    sent, dashboards, pages = Counter[str](), dict[str, Dashboard](), list[Page]()
    with ExitStack() as stack:
        limits = {"JORGE_SESSION_IDLE_HOURS": str(IDLE_S / 3600), "JORGE_ANONYMOUS": "off"}
        server = stack.enter_context(Served(tmp_path, **limits))
        add_user(server, "dana", "manager")
        for name, given in (("blocked", {}), ("polling", {"JORGE_ENABLE_WEBSOCKET": "false"})):
            (folder := tmp_path / name).mkdir()
            often = {"JORGE_REFRESH_INTERVAL_MS": "2000"}
            dashboards[name] = stack.enter_context(behind_login(server, folder, **often, **given))
        for name, dashboard in dashboards.items():
            context = stack.enter_context(chromium.new_context())
            context.route_web_socket("**/api/live", lambda socket: socket.close())
            context.on("page", partial(watch, sent, name))
            pages.append(log_in(context, dashboard.url, "dana"))
            pages[-1].wait_for_url(f"{dashboard.url}/")
        for page in pages:
            expect(page.get_by_label("Password")).to_be_visible(timeout=3_000 * IDLE_S)
    assert set(sent) == {"blocked", "polling"}
    assert min(sent.values()) >= REFRESHES, "each has refreshed itself meanwhile"
