"""How long the wall's paints take in a real browser, at 5 and at 200 events a second; none should take 16 ms."""

import itertools
import tempfile
import time
from pathlib import Path
from typing import Any

from bench.machine import describe, spread
from jorge_data.demo import day
from tests.chromium import launched
from tests.dashboard_process import before
from tests.served import Served

SEED, SECONDS = 7, 15
OBSERVER = """
window.__paints = [];
const send = WebSocket.prototype.send;
WebSocket.prototype.send = function (message) {
  if (String(message).includes('"painted"')) __paints.push(JSON.parse(message).ms);
  return send.call(this, message);
};
"""


def publish(server: Served, events: list[dict[str, Any]], rate: int) -> None:
    """Publish at a rate, in as many requests a second as 20, or as there are events."""
    size, began = max(1, rate // 20), time.monotonic()
    for start in range(0, len(events), size):
        server.post(events[start : start + size])
        time.sleep(max(0.0, began + (start + size) / rate - time.monotonic()))


def main() -> None:
    print(describe(), f"seed {SEED}, the demo's stories, {SECONDS} s at each rate", sep="\n")
    stories = (event | {"locationid": "default"} for _, event in day(SEED))
    with tempfile.TemporaryDirectory() as folder, Served(Path(folder)) as server:
        publish(server, list(itertools.islice(stories, 4000)), 4000)
        with before(server, Path(folder)) as dashboard, launched() as browser:
            page = browser.new_page(viewport={"width": 1440, "height": 960})
            page.add_init_script(OBSERVER)
            page.goto(dashboard.url)
            page.locator(".words", has_text="Live").wait_for()
            for rate in (5, 200):
                page.evaluate("__paints.length = 0")
                publish(server, list(itertools.islice(stories, rate * SECONDS)), rate)
                print(f"{rate} events/s: a paint {spread(page.evaluate('__paints'), 'ms')}")


if __name__ == "__main__":
    main()
