"""What an open page does while something between it and the event server is down, hung or silent; real processes.

The times are the contract's: late after 1.2 heartbeats, lost after 1.4; a screen is late after 10 s, lost after 35 s.
"""

import re
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests
from playwright.sync_api import Browser, Page, WebSocketRoute, expect

from tests.dashboard_process import Dashboard, before
from tests.served import Served
from tests.toxics import Proxy, Toxic
from tests.waiting import PATIENCE_S, wait_until

pytestmark = pytest.mark.browser
OFFICE = "outages"
PATIENCE_MS = PATIENCE_S * 1000
SILENCE = Toxic(black_hole=True)
REMEMBER = """(toasts) => {
  window.__toasts = [];
  const take = (changes) => changes.forEach(({ addedNodes }) => {
    addedNodes.forEach((box) => __toasts.push(box.textContent));
  });
  new MutationObserver(take).observe(toasts, { childList: true });
}"""
"""A notice stands for 6 s, in which a busy test may look elsewhere."""

BEATING = "from jorge_data.server.websocket import connection; connection.HEARTBEAT_S = 10.0"


class QuickServed(Served):
    """An event server whose heartbeats are ten seconds apart, as it tells each client.

    What it is late for is two seconds then, and a page looks each second: at five apart it may look before and after.
    """

    program = ("-c", f"{BEATING}; from jorge_data.__main__ import main; main()")


@pytest.fixture
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Served]:
    with getattr(request, "param", Served)(tmp_path) as server:
        hot = {"contact_id": "dana", "current_question": 3, "questions_answered": 4, "seller_temperature": "hot"}
        hot |= {"confrontational_effectiveness": 91, "stall_detected": False, "next_step": "Call now"}
        well = {"component": "redis", "status": "healthy", "response_time_ms": 3}
        kinds = {"jorge_qualification_progress": hot, "system_health_update": well}
        events = [{"source": "tests", "type": kind, "locationid": OFFICE, "data": data} for kind, data in kinds.items()]
        assert server.post(events).ok
        yield server
        server.process.send_signal(signal.SIGCONT)


@pytest.fixture
def dashboard(server: Served, tmp_path: Path) -> Iterator[Dashboard]:
    with before(server, tmp_path, JORGE_LOCATION=OFFICE, JORGE_RECONNECTION_ATTEMPTS="1") as dashboard:
        yield dashboard


@contextmanager
def page_of(chromium: Browser, url: str, path: str = "", width: int = 1440, dark: bool = False) -> Iterator[Page]:
    """Open a page that is live; what the browser complains of while something is down is no fault of ours."""
    context = chromium.new_context(viewport={"width": width, "height": 900}, color_scheme="dark" if dark else "light")
    page = context.new_page()
    page.goto(f"{url}/{path}")
    expect(words(page)).to_contain_text("Live", timeout=PATIENCE_MS)
    page.locator(".toasts").evaluate(REMEMBER)
    yield page
    context.close()


@pytest.fixture
def page(chromium: Browser, dashboard: Dashboard) -> Iterator[Page]:
    with page_of(chromium, dashboard.url) as page:
        yield page


def words(page: Page) -> Any:
    return page.locator(".link .words")


def take(page: Page) -> None:
    """Press "Take it", and wait for the answer; how soon it comes is shown where no machine is busy."""
    page.locator(".need").get_by_role("button", name="Take it").click()
    expect(page.locator(".need .refused")).to_have_text(re.compile("."), timeout=PATIENCE_MS)


def is_saved_once(server: Served) -> bool:
    taken = server.get("/events", location=OFFICE, types="attention_update", after="oldest")["events"]
    return [event["data"]["item"] for event in taken] == ["hot:dana"]


def expect_taken_once(page: Page, server: Served) -> None:
    """Press again as the page asked to, unless what hung woke up and saved it after all; it is saved once."""
    if not is_saved_once(server):
        page.locator(".need").get_by_role("button", name="Take it").click()
    expect(page.locator(".need")).to_contain_text("You", timeout=PATIENCE_MS)
    assert is_saved_once(server)


def expect_offline(page: Page, what: str) -> None:
    """Expect that the page says so at its top, and by a notice at the top right; and of nothing that it is well."""
    expect(words(page)).to_contain_text("Offline", timeout=PATIENCE_MS)
    expect(page.locator(".outage")).to_contain_text(re.compile(rf"{what} since [\d:]+: what is shown is as of then"))
    page.wait_for_function("__toasts.some((text) => text.includes('Offline since'))", timeout=PATIENCE_MS)
    expect(page.locator(".fresh")).to_have_class(re.compile("amber|red"))
    if page.locator(".kpis").is_visible():
        expect(page.locator(".kpi").last).to_contain_text("Unknown")
        expect(page.locator(".kpi").last).not_to_contain_text(re.compile("Healthy|100"))


def expect_live(page: Page) -> None:
    expect(words(page)).to_contain_text("Live", timeout=PATIENCE_MS)
    expect(page.locator(".outage")).to_be_hidden()
    if page.locator(".kpis").is_visible():
        expect(page.locator(".kpi").last).to_contain_text("Healthy", timeout=PATIENCE_MS)


@pytest.mark.slow
def test_a_killed_server_is_offline_on_every_page_until_it_is_back(
    server: Served, dashboard: Dashboard, chromium: Browser
) -> None:
    with (
        page_of(chromium, dashboard.url) as wall,
        page_of(chromium, dashboard.url, "system?details=true") as system,
        page_of(chromium, dashboard.url, "connect", 390, dark=True) as connect,
    ):
        pages = [wall, system, connect]
        server.kill()
        for page in pages:
            expect_offline(page, "The event server is out of reach")
            expect(words(page)).to_contain_text(re.compile(r"retry in \d+ s"), timeout=PATIENCE_MS)
            expect(page.locator(".outage").get_by_role("button", name="Retry now")).to_be_visible()
        expect(system.get_by_text(re.compile("unknown since .* the event server is out of reach"))).to_be_visible(
            timeout=PATIENCE_MS
        )
        figures = requests.get(f"{dashboard.url}/api/dashboard/metrics", timeout=10).json()
        assert (figures["system"]["overall"], figures["system"]["uptime_30d"]) == (None, None)
        assert figures["connection"]["state"] == "offline"
        assert requests.get(f"{dashboard.url}/health", timeout=10).json()["feed"] == "offline"
        server.start()
        for page in pages:
            expect_live(page)
            page.wait_for_function("__toasts.some((text) => text.includes('Connected again'))", timeout=PATIENCE_MS)


@pytest.mark.slow
@pytest.mark.parametrize("server", [QuickServed], indirect=True, ids=["heartbeats of 10 s"])
def test_a_hung_server_is_late_then_lost_by_its_heartbeats_and_no_action_is_lost_in_silence(
    server: Served, page: Page
) -> None:
    server.process.send_signal(signal.SIGSTOP)
    expect(words(page)).to_contain_text("Silent", timeout=PATIENCE_MS)
    expect_offline(page, "The event server is out of reach")
    take(page)
    expect(page.locator(".need .refused")).to_contain_text("Not saved yet")
    expect(page.locator(".need").get_by_role("button", name="Take it")).to_be_enabled()
    server.process.send_signal(signal.SIGCONT)
    expect_live(page)
    expect_taken_once(page, server)


@pytest.mark.slow
def test_behind_a_relay_that_falls_silent_a_page_leaves_live_by_its_own_clock_and_comes_back(
    server: Served, dashboard: Dashboard, chromium: Browser
) -> None:
    with Proxy(dashboard.port) as relay, page_of(chromium, f"http://127.0.0.1:{relay.port}") as page:
        relay.set(up=SILENCE, down=SILENCE)
        take(page)
        expect(page.locator(".need .refused")).to_contain_text("Not saved yet")
        expect(words(page)).to_contain_text("Silent", timeout=PATIENCE_MS)
        expect(words(page)).to_contain_text("Offline", timeout=PATIENCE_MS)
        expect_offline(page, "This screen has no connection to the dashboard")
        relay.heal()
        relay.cut()  # as the ones that were open are never healed
        expect_live(page)
        expect_taken_once(page, server)


@pytest.mark.slow
def test_a_screen_that_was_offline_for_38_seconds_says_so_and_comes_back_at_once(page: Page) -> None:
    page.context.set_offline(True)
    expect(words(page)).not_to_contain_text("Live", timeout=PATIENCE_MS)
    expect_offline(page, "This screen has no connection to the dashboard")
    assert page.locator(".jorge-down").count() == 0, "it is this device that has no network"
    page.context.set_offline(False)
    expect_live(page)


@pytest.mark.slow
def test_a_hung_dashboard_is_silent_by_the_viewers_clock_and_answers_no_press(
    dashboard: Dashboard, page: Page, server: Served
) -> None:
    dashboard.process.send_signal(signal.SIGSTOP)
    try:
        take(page)
        expect(page.locator(".need .refused")).to_contain_text("Not saved yet")
        expect(words(page)).to_contain_text("Silent", timeout=PATIENCE_MS)
    finally:
        dashboard.process.send_signal(signal.SIGCONT)
    expect_live(page)
    expect_taken_once(page, server)


def test_mine_is_saved_by_http_where_the_live_socket_is_refused(
    server: Served, dashboard: Dashboard, chromium: Browser
) -> None:
    context = chromium.new_context()
    page = context.new_page()
    page.route_web_socket("**/api/live", lambda socket: socket.close())
    page.goto(dashboard.url)
    expect(words(page)).to_contain_text("Polling", timeout=PATIENCE_MS)
    expect(page.locator(".outage")).to_contain_text("lets no live connection through")
    take(page)
    expect(page.locator(".need .refused")).to_have_text("Saved")
    assert is_saved_once(server)
    context.close()


def test_mine_is_saved_by_http_where_the_live_socket_is_silent(
    server: Served, dashboard: Dashboard, chromium: Browser
) -> None:
    silent = False

    def relay(socket: WebSocketRoute) -> None:
        upstream = socket.connect_to_server()
        socket.on_message(lambda message: None if silent else upstream.send(message))
        upstream.on_message(lambda message: None if silent else socket.send(message))

    context = chromium.new_context()
    page = context.new_page()
    page.route_web_socket("**/api/live", relay)
    page.goto(dashboard.url)
    expect(words(page)).to_contain_text("Live", timeout=PATIENCE_MS)
    silent = True
    take(page)
    expect(page.locator(".need .refused")).to_have_text("Saved")
    assert is_saved_once(server)
    context.close()


@pytest.mark.slow
def test_while_the_dashboard_is_down_the_page_says_that_it_is_restarted_and_comes_back_by_itself(
    dashboard: Dashboard, page: Page
) -> None:
    dashboard.process.kill()
    dashboard.process.wait()
    expect(page.locator(".jorge-down")).to_contain_text("This office’s screen is being restarted", timeout=PATIENCE_MS)
    theirs = page.get_by_test_id("stDialog")
    theirs.first.wait_for(state="attached", timeout=PATIENCE_MS)
    expect(theirs.filter(visible=True)).to_have_count(0)
    dashboard.start()
    wait_until(dashboard.is_running)
    expect(page.locator(".jorge-down")).to_have_count(0, timeout=PATIENCE_MS)
    expect_live(page)
