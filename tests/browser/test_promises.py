"""The main job: what is published anywhere is on the open screen, and nothing is lost when the server dies."""

import json
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from playwright.sync_api import Browser, Page, expect

from tests.browser.visitor import Visitor
from tests.chaos.load import Publisher
from tests.dashboard_process import Dashboard, before
from tests.served import Served
from tests.waiting import wait_until

pytestmark = pytest.mark.browser

DOWN_S = 20.0
PAUSE_S = 0.15
"""Between two events: what one poll brings, after five seconds, is then less than the 50 lines that the feed shows."""

# Counts how often each event's own line was added to the feed, in every shadow root.
OBSERVER = """
window.__lines = {};
const scan = (node) => {
  for (const line of node.querySelectorAll?.(".ev") ?? []) note(line);
  if (node.matches?.(".ev")) note(node);
};
const note = (line) => {
  for (const [, n] of line.textContent.matchAll(/step-(\\d+)/g)) __lines[n] = (__lines[n] ?? 0) + 1;
};
const observe = (root) => new MutationObserver((records) => {
  for (const r of records) for (const n of r.addedNodes) scan(n);
}).observe(root, { subtree: true, childList: true });
const attach = Element.prototype.attachShadow;
Element.prototype.attachShadow = function (init) { const root = attach.call(this, init); observe(root); return root; };
observe(document);
"""


def step(text: str, **attributes: Any) -> dict[str, Any]:
    data = {"bot_type": "jorge-seller", "status": "processing", "current_step": text}
    return {"source": "jorge-seller", "type": "bot_status_update", "locationid": "browser", "data": data} | attributes


def show_all(page: Page) -> None:
    """Show the steps of bots too, which the feed has when they are asked for."""
    page.get_by_role("button", name="All", exact=True).click()


def by_curl(served: Served, text: str) -> None:
    if shutil.which("curl") is None:
        pytest.skip("curl is not installed")
    head = f"Authorization: {served.bearer('publisher')['Authorization']}"
    command = ["curl", "-sS", "--fail", f"{served.url}/events", "-H", head, "-d", json.dumps(step(text))]
    subprocess.run(command, check=True, capture_output=True, timeout=10)


def by_websocket(served: Served, text: str) -> None:
    with served.connect(additional_headers=served.bearer("publisher")) as client:
        client.send(json.dumps({"type": "publish", "ref": 1, "events": [step(text)]}))
        while json.loads(client.recv(5))["type"] != "ack":
            pass


def by_cloudevents_batch(served: Served, text: str) -> None:
    event = step(text) | {"specversion": "1.0", "id": text, "datacontenttype": "application/json"}
    headers = served.bearer("publisher") | {"Content-Type": "application/cloudevents-batch+json"}
    assert served.session.post(f"{served.url}/events", json.dumps([event]), headers=headers, timeout=5).ok


@pytest.mark.parametrize("publish_by", [by_curl, by_websocket, by_cloudevents_batch])
def test_what_is_published_is_in_the_open_page(visitor: Visitor, served: Served, publish_by: Any) -> None:
    page = visitor.open()
    show_all(page)
    text = f"came-{publish_by.__name__}"
    publish_by(served, text)
    expect(page.locator(".ev").first).to_contain_text(text)


@pytest.fixture
def page(chromium: Browser, tmp_path: Path) -> Iterator[tuple[Page, Served, Dashboard]]:
    with Served(tmp_path) as server, before(server, tmp_path) as dashboard:
        context = chromium.new_context()
        page = context.new_page()
        page.add_init_script(OBSERVER)
        page.goto(dashboard.url)
        show_all(page)
        page.locator(".words", has_text="Live").wait_for()
        yield page, server, dashboard
        context.close()


@pytest.mark.slow
def test_a_server_killed_under_load_loses_and_repeats_nothing_on_the_screen(
    page: tuple[Page, Served, Dashboard],
) -> None:
    screen, server, dashboard = page
    with Publisher(server, "default", "load", pause_s=PAUSE_S) as publisher:
        publisher.wait_for_more(30)
        server.kill()
        until = time.monotonic() + DOWN_S
        expect(screen.locator(".words")).to_contain_text("Offline", timeout=DOWN_S * 1000)
        threading.Event().wait(max(0.0, until - time.monotonic()))  # the fault lasts this long: nothing is waited for
        server.start()
        expect(screen.locator(".words")).to_contain_text("Live", timeout=60_000)
        publisher.wait_for_more(30)
    acked = {identifier.rpartition("-")[2] for identifier in publisher.acked}
    screen.wait_for_function("(n) => n in __lines", arg=max(acked, key=int))
    shown = screen.evaluate("__lines")
    assert acked - shown.keys() == set(), "lost"
    assert {number for number, times in shown.items() if times > 1} == set(), "shown twice"

    def counted() -> int:
        figures = requests.get(f"{dashboard.url}/api/dashboard/metrics", timeout=5).json()
        return int(figures["bots"]["jorge-seller"]["events_1h"])

    wait_until(lambda: counted() >= len(acked))  # figures come behind the events
    assert counted() == len(acked), "counted once each"
    order = [int(line.split("step-")[1].split()[0]) for line in screen.locator(".ev").all_inner_texts()]
    assert order == sorted(order, reverse=True)
