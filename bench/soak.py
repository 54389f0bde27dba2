"""The soak: events at a steady rate while tabs come and go; memory, threads and file descriptors of both processes.

Passes where memory grows by at most 1 MB an hour after the warm-up, and threads and descriptors come back.
"""

import argparse
import itertools
import signal
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psutil
from playwright.sync_api import Browser, Page

from bench.machine import describe
from bench.past import renamed
from jorge_data.demo import day
from tests.chromium import launched
from tests.dashboard_process import before
from tests.served import Served

RATE, TABS, SEED = 50, 5, 7
SAMPLE_S, TAB_S = 10.0, 20.0
WARM_TAB_S = 5.0
"""In the first half of the warm-up tabs come four times as fast, so that what settles has settled; when they come more
slowly, garbage is collected more rarely, and more of it is held: that, too, is before the warm-up ends, and so are
their sessions."""

SESSION_S = 150.0
"""Streamlit keeps a closed tab's session for two minutes."""

STORIES = 40_000
PEOPLES = 11
"""How often the stories are repeated before the run, so that every contact exists when it begins."""

THIN, DENSE = timedelta(days=2), timedelta(hours=2, minutes=15)
"""History before the run: two days so that as much expires as comes, the end of it at the run's own rate, because
what is kept by the minute (two hours of it) holds more bins the more happens in a minute."""

WARM_UP = 0.4
"""Share of the run that is warm-up: caches, rings and windows fill. The event server's allocator needs some 35 minutes
until its arenas hold what they will (`docs/benchmarks.md`), so that a measured hour follows 40 minutes."""

MAX_SLOPE = 1.0
"""MB an hour."""


@dataclass
class Process:
    """One watched process and its samples: seconds, MB, threads, file descriptors."""

    name: str
    pid: int
    samples: list[tuple[float, float, int, int]] = field(default_factory=list)

    def sample(self, at: float) -> None:
        process = psutil.Process(self.pid)
        self.samples.append((at, process.memory_info().rss / 1e6, process.num_threads(), process.num_fds()))

    def slope(self, since: float) -> float:
        """Return MB an hour by least squares over the samples since a moment."""
        points = [(at, megabytes) for at, megabytes, *_ in self.samples if at >= since]
        mean_x = sum(x for x, _ in points) / len(points)
        mean_y = sum(y for _, y in points) / len(points)
        covariance = sum((x - mean_x) * (y - mean_y) for x, y in points)
        return 3600 * covariance / sum((x - mean_x) ** 2 for x, _ in points)


def stories() -> Iterator[dict[str, Any]]:
    """Yield the demo's first days over and over, each time of other people, until the first ones have their turn again.

    The same people would become older every quarter of an hour: what is remembered of each would grow for ever.
    """
    stories = [event for _, event in itertools.islice(day(SEED), STORIES)]
    for number, event in enumerate(itertools.cycle(stories)):
        data = renamed(event["data"], number // STORIES % PEOPLES)
        head = {name: event[name] for name in ("type", "source")}
        yield {**head, "data": data, "locationid": "default", "id": f"soak-{number}"}


def publish(server: Served, batch: list[dict[str, Any]]) -> int:
    answer = server.session.post(f"{server.url}/events", json=batch, headers=server.bearer("publisher"), timeout=30)
    return sum("seq" in result for result in answer.json()["results"])


def fill(server: Served, events: Iterator[dict[str, Any]]) -> None:
    """Fill every window, so that from the start on as much expires as comes."""
    now = datetime.now(UTC)
    spread(server, events, now - THIN - DENSE, now - DENSE, STORIES)
    spread(server, events, now - DENSE, now, int(DENSE.total_seconds() * RATE))


def spread(server: Served, events: Iterator[dict[str, Any]], start: datetime, end: datetime, n: int) -> None:
    """Publish `n` events that happened evenly over a span of time."""
    moments = (start + number * (end - start) / n for number in range(n))
    dated = (event | {"time": moment.isoformat()} for moment, event in zip(moments, events, strict=False))
    while batch := list(itertools.islice(dated, 500)):
        publish(server, batch)


def play(server: Served, events: Iterator[dict[str, Any]], stop: threading.Event, sent: list[int]) -> None:
    """Publish at the rate, ten at a time."""
    due = time.monotonic()
    while not stop.wait(max(0.0, due - time.monotonic())):
        sent[0] += publish(server, list(itertools.islice(events, 10)))
        due += 10 / RATE


def open_tab(browser: Browser, url: str) -> Page:
    page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
    page.goto(url)
    page.get_by_text("Hot sellers").first.wait_for()
    return page


def visit(browser: Browser, url: str, tabs: int = 1) -> None:
    """Open tabs and close them: Streamlit lets go of sessions that are over when the next one comes."""
    for tab in [open_tab(browser, url) for _ in range(tabs)]:
        tab.context.close()
    time.sleep(SAMPLE_S)


def run(minutes: float, warm_up: float) -> bool:
    end, warm = minutes * 60, minutes * 60 * warm_up
    with TemporaryDirectory() as folder, Served(Path(folder)) as server, before(server, Path(folder)) as dashboard:
        watched = [Process("event server", server.process.pid), Process("dashboard", dashboard.process.pid)]
        stop, sent, events = threading.Event(), [0], stories()
        fill(server, events)
        publisher = threading.Thread(target=play, args=(server, events, stop, sent))
        publisher.start()
        with launched() as browser:
            visit(browser, dashboard.url, TABS)  # what the first pages load, and the pools they fill, is there for ever
            began = time.monotonic()
            for process in watched:
                process.sample(0)
            tabs: list[Page] = []
            while (now := time.monotonic() - began) < end:
                tabs.append(open_tab(browser, dashboard.url))
                if len(tabs) > TABS:
                    tabs.pop(0).context.close()
                stay = WARM_TAB_S if now < min(warm / 2, warm - SESSION_S) else TAB_S
                while (left := began + now + stay - time.monotonic()) > 0:
                    time.sleep(min(left, SAMPLE_S))
                    for process in watched:
                        process.sample(time.monotonic() - began)
            for tab in tabs:
                tab.context.close()
            stop.set()
            publisher.join()
            time.sleep(SESSION_S)
            visit(browser, dashboard.url)
            for process in watched:
                process.sample(time.monotonic() - began)
        print(f"{sent[0]:,} events acknowledged in {minutes:g} min; {server.get('/api/locations')['locations']}")
        verdicts = [report(process, warm) for process in watched]
        return all(verdicts)


def report(process: Process, warm: float) -> bool:
    """Print one process's figures; return whether they are within bounds."""
    first, last = process.samples[0], process.samples[-1]
    steady = process.samples[:-1]
    slope = Process(process.name, process.pid, steady).slope(warm)
    print(f"{process.name}: {first[1]:.1f} MB at the start, {steady[-1][1]:.1f} at the end, slope {slope:+.2f} MB/h;")
    print(f"  threads {first[2]} -> {last[2]}, descriptors {first[3]} -> {last[3]}")
    print("  MB by sample:", " ".join(f"{megabytes:.1f}" for _, megabytes, *_ in steady[:: max(1, len(steady) // 40)]))
    return slope <= MAX_SLOPE and last[2] <= first[2] + 2 and last[3] <= first[3] + 2


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--warm-up", type=float, default=WARM_UP, help="the share of it that is not judged")
    given = parser.parse_args()
    if not 0 <= given.warm_up < 1:
        parser.error(f"--warm-up is {given.warm_up:g}: allowed is a share of the run, from 0 to less than 1")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that no dashboard is left beside the next run
    tabs = f"{TABS} tabs, a new one each {TAB_S:g} s ({WARM_TAB_S:g} s at first)"
    print(describe(), f"{RATE} events/s, {tabs}, {given.minutes:g} min, seed {SEED}", sep="\n")
    sys.exit(0 if run(given.minutes, given.warm_up) else 1)


if __name__ == "__main__":
    main()
