"""How long until the tiles and charts are there: of a cold tab, and after a click on a page, at 10⁶ events.

The product beside a plain Streamlit page and a plain Dash page with as many tiles and charts, in turn, in one run: only
what stands beside each other in one run compares. The store is of ninety days; --keep keeps it for the next run, for it
takes six minutes to fill. The machine's clock is put back for the product to when those days were over.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import orjson
import requests
from playwright.sync_api import Browser, Page, ViewportSize

from bench.machine import describe
from bench.past import END, LOCATION, SEED, ZONE, fill
from bench.queries import until_current
from tests.chromium import launched
from tests.dashboard_process import before
from tests.faketime import clock_off_by
from tests.served import Served, free_port
from tests.waiting import end, wait_for_start

LIVE = Path(__file__).parent / "live"
OBSERVER = Path(__file__).with_suffix(".js").read_text()
VIEW: ViewportSize = {"width": 1440, "height": 900}
PATIENCE_MS = 60_000
LONGEST_MS = 400, 1000
"""What the product may take after a click, for its tiles and for its charts."""


class System(NamedTuple):
    """What is measured: where, what a tile of it is, and the links to the pages that are opened one after the other."""

    name: str
    url: str
    tile: str
    links: dict[str, str]


class Opened(NamedTuple):
    """Milliseconds until the first tile, all tiles and all charts in sight were there."""

    first: float
    tiles: float
    charts: float


HOME_TILES, TILES, CHARTS = 7, 3, 3
PAGES = ("qualification", "ml", "revenue")
PLACES = ("North", "South", "West")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=8)
    parser.add_argument("--keep", type=Path, help="a folder in which the filled store is kept")
    parser.add_argument("--peers", type=Path, default=LIVE / ".venv" / "bin" / "python", help="their own Python")
    parser.add_argument("--pages", nargs="*", default=PAGES)
    given = parser.parse_args()
    print(describe(), f"seed {SEED}, {given.events:,} events, {given.rounds} rounds", sep="\n")
    with tempfile.TemporaryDirectory() as scratch, ExitStack() as stack:
        store = fill((given.keep or Path(scratch)) / str(given.events), given.events)
        systems = [
            stack.enter_context(ours(store.parent, Path(scratch), given)),
            stack.enter_context(peer("Streamlit", given.peers, "pages_streamlit.py")),
            stack.enter_context(peer("Dash", given.peers, "pages_dash.py")),
        ]
        browser = stack.enter_context(launched())
        for system in systems:  # its first page warms a server up, and is not measured
            visit(browser, system)
        cold: dict[str, list[Opened]] = {system.name: [] for system in systems}
        clicked: dict[str, dict[str, list[Opened]]] = {system.name: {} for system in systems}
        for number in range(given.rounds):
            for system in systems[number % len(systems) :] + systems[: number % len(systems)]:
                opened, pages = visit(browser, system)
                cold[system.name].append(opened)
                for name, after in pages.items():
                    clicked[system.name].setdefault(name, []).append(after)
        report(cold, clicked)


@contextmanager
def ours(folder: Path, scratch: Path, given: argparse.Namespace) -> Iterator[System]:
    """Yield the product, on a store of the past, by a clock at which that has just ended."""
    clock = clock_off_by(f"{(END.astimezone(UTC) - datetime.now(UTC)).total_seconds():+.0f}")
    with Served(folder, JORGE_ZONE=ZONE.key, **clock) as server:
        until_current(server, given.events)
        environment = {"JORGE_LOCATION": LOCATION, "JORGE_ZONE": ZONE.key, **clock}
        with before(server, scratch, **environment) as dashboard:
            links = {name: f'.st-key-navigation a[href*="{name}"]' for name in given.pages}
            yield System("ours", f"{dashboard.url}/", ".kpi, [data-testid=stMetric]", links)


@contextmanager
def peer(name: str, python: Path, file: str) -> Iterator[System]:
    """Yield a plain page of a framework."""
    port, apps = free_port(), LIVE / "apps"
    options = ["--server.headless=true", "--browser.gatherUsageStats=false", "--server.fileWatcherType=none"]
    command = {
        "Streamlit": ["-m", "streamlit", "run", file, *options, f"--server.port={port}", "--server.address=127.0.0.1"],
        "Dash": [file],
    }[name]
    environment = {key: value for key, value in os.environ.items() if not key.startswith("STREAMLIT_")}
    process = subprocess.Popen(
        [str(python), *command],
        cwd=apps,
        env=environment | {"PORT": str(port)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    url = f"http://127.0.0.1:{port}/"
    try:
        wait_for_start(process, lambda: answers(url), lambda: f"{name} did not start")
        tile, link = {
            "Streamlit": ("[data-testid=stMetric]", '[data-testid=stSidebarNavLink][href$="/{}"]'),
            "Dash": (".tile", 'nav a[href="/{}"]'),
        }[name]
        yield System(name, url, tile, {place: link.format(place) for place in PLACES})
    finally:
        end(process, 15)


def answers(url: str) -> bool:
    try:
        return requests.get(url, timeout=2).ok
    except requests.RequestException:
        return False


def visit(browser: Browser, system: System) -> tuple[Opened, dict[str, Opened]]:
    """Open a system in a browser that has nothing of it yet, then its pages by clicks; return what each took."""
    context = browser.new_context(viewport=VIEW)
    page = context.new_page()
    home = orjson.dumps({"tile": system.tile, "tiles": HOME_TILES, "charts": 0}).decode()
    page.add_init_script(f"{{{OBSERVER}}} __opening.watch({home})")
    page.goto(system.url)
    cold, pages = found(page, system.name), {}
    for name, link in system.links.items():
        page.locator(link).first.wait_for(timeout=PATIENCE_MS)
        settled(page)
        watched = {"tile": system.tile, "tiles": TILES, "charts": CHARTS, "link": link}
        page.evaluate("(watched) => __opening.watch(watched)", watched)
        pages[name] = found(page, f"{system.name} {name}")
    context.close()
    return cold, pages


def found(page: Page, where: str) -> Opened:
    """Wait until all that is watched for is there."""
    try:
        page.wait_for_function("__opening.found.tiles !== null && __opening.found.charts !== null", timeout=PATIENCE_MS)
    except Exception:
        print(f"{where}: {page.evaluate('__opening.found')}", file=sys.stderr)
        raise
    return Opened(**page.evaluate("__opening.found"))


def settled(page: Page) -> None:
    """Wait until the page has had half a second of nothing to do: whoever clicks has looked at it first."""
    page.evaluate("() => new Promise((done) => setTimeout(() => requestIdleCallback(done), 700))")


def report(cold: dict[str, list[Opened]], clicked: dict[str, dict[str, list[Opened]]]) -> None:
    """Print what was measured, with the ratios of this run."""
    print("\ncold tab, ms until the first tile, median (all)")
    for name, opened in cold.items():
        print(f"  {name:10} {spread_of([each.first for each in opened])}")
    first = {name: statistics.median(each.first for each in opened) for name, opened in cold.items()}
    print(f"  ours / Streamlit {first['ours'] / first['Streamlit']:.2f} (target 1), ", end="")
    print(f"ours - Dash {first['ours'] - first['Dash']:+.0f} ms (stretch +300)")
    print("\na click on a page, ms until all tiles · until all charts in sight, median (all)")
    for name, pages in clicked.items():
        for page, opened in pages.items():
            tiles, charts = ([getattr(each, of) for each in opened] for of in ("tiles", "charts"))
            print(f"  {name:10} {page:14} {spread_of(tiles)} · {spread_of(charts)}")
    for index, of in enumerate(("tiles", "charts")):
        medians = {
            name: statistics.median(getattr(each, of) for opened in pages.values() for each in opened)
            for name, pages in clicked.items()
        }
        worst = max(statistics.median(getattr(each, of) for each in opened) for opened in clicked["ours"].values())
        print(f"  {of}: ours / Streamlit {medians['ours'] / medians['Streamlit']:.2f}, ", end="")
        print(f"ours / Dash {medians['ours'] / medians['Dash']:.2f}; slowest page {worst:.0f} ms ", end="")
        print(f"(target {LONGEST_MS[index]} on an idle machine)")


def spread_of(samples: list[float]) -> str:
    return f"{statistics.median(samples):5.0f} ({' '.join(f'{each:.0f}' for each in sorted(samples))})"


if __name__ == "__main__":
    main()
