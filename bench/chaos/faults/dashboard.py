"""Faults of the dashboard: tabs that come, go, and rerun, and its process killed."""

import shutil
import signal
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psutil

from bench.chaos.faults.fault import Fault, NotHere
from bench.chaos.faults.server import LIVE
from bench.chaos.stage import Stage, metric, server
from tests.chromium import launched
from tests.dashboard_process import before
from tests.served import Served
from tests.waiting import end, wait_for_start

TABS = 5
RERUNS = 4
THREADS_MORE = 4
"""Threads of a pool that came with the first tabs and stay."""


@contextmanager
def own(folder: Path) -> Iterator[Served]:
    if shutil.which("chromium") is None:
        raise NotHere("chromium is not installed")
    with server(folder) as served:
        yield served


def rerun_storm(stage: Stage) -> None:
    """Tabs are opened, loaded again and again, and closed; the dashboard is killed: one feed an office, no leak."""
    with ExitStack() as stack:
        dashboard = stack.enter_context(
            before(
                stage.served, stage.folder, JORGE_LOCATION=stage.location, JORGE_TOKEN=stage.served.token(ttl_s=86_400)
            )
        )
        browser = stack.enter_context(launched())
        address = f"{dashboard.url}/?location={stage.location}"
        first = browser.new_page()
        first.goto(address)
        first.get_by_text("Hot sellers").first.wait_for(timeout=60_000)
        held, threads = feeds(stage.served), psutil.Process(dashboard.process.pid).num_threads()
        stage.check(held == 1, f"the dashboard holds {held} live connections for one office")
        pages = [browser.new_page() for _ in range(TABS)]
        for _ in range(RERUNS):
            for page in pages:
                page.goto(address, wait_until="commit")
        for page in pages:
            page.get_by_text("Hot sellers").first.wait_for(timeout=60_000)
        during = feeds(stage.served)
        stage.check(during == 1, f"with {TABS} tabs the dashboard holds {during} live connections")
        for page in pages:
            page.close()
        end(dashboard.process, signal.SIGKILL)
        dashboard.start()
        wait_for_start(dashboard.process, dashboard.is_running, lambda: dashboard.log)
        stage.heal()
        first.goto(address)
        first.get_by_text("Hot sellers").first.wait_for(timeout=60_000)
        stage.wait(lambda: feeds(stage.served) == 1, "one live connection again")
        after = psutil.Process(dashboard.process.pid).num_threads()
        stage.facts.append(
            f"{TABS} tabs, {TABS * RERUNS} loads: {during} feed; threads {threads} → {after} after its kill"
        )
        stage.check(after <= threads + THREADS_MORE, f"{after} threads after the storm, {threads} before")


def feeds(served: Served) -> int:
    """Return how many websockets the dashboard holds at the event server: those that are not of the load."""
    return int(metric(served, LIVE)) - LOAD_SOCKETS


LOAD_SOCKETS = 3
"""Websockets of the stage's own load: a reader, a feed, a publisher."""

FAULTS = (
    Fault(
        "F28",
        f"{TABS} tabs rerun, close; the dashboard is killed",
        rerun_storm,
        "alone",
        own,
        bounds_time=True,
        seconds=60,
    ),
)
