"""Every page's own questions at 10⁴, 10⁶ and 10⁷ events over ninety days, through the real server and client.

Beside them the same questions asked of the raw events with pandas and DuckDB, in the same run. Filling 10⁷ events
takes half an hour of one processor and 12 GB; --keep keeps the stores for the next run.
"""

import argparse
import gc
import itertools
import statistics
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

from bench import rivals
from bench.machine import describe, spread
from bench.pages import DAYS, PAGES, Dashboard, Timed, dashboard, last_day
from bench.past import SEED, fill
from jorge_data.dashboard.query.requests import SeriesRequest
from tests.served import Served

SIZES = (10_000, 1_000_000, 10_000_000)
RUNS = 40
RIVALS_RUNS = 5


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="*", default=SIZES)
    parser.add_argument("--runs", type=int, default=RUNS)
    parser.add_argument("--pages", nargs="*", default=PAGES)
    parser.add_argument("--keep", type=Path, help="a folder in which the filled stores are kept")
    parser.add_argument("--alone", action="store_true", help="without pandas and DuckDB")
    given = parser.parse_args()
    print(describe(), f"seed {SEED}, {given.runs} runs, pages of {DAYS} days", sep="\n")
    with tempfile.TemporaryDirectory() as scratch, ExitStack() as stack:
        stores = [opened(size, given.keep or Path(scratch), given, stack) for size in given.sizes]
        gc.freeze()  # what the open pages hold here is in no dashboard: no answer need wait until it was looked at
        ask(stores, given.runs)
        for measured in stores:
            report(measured, given)
        ratios(stores)


class Measured(NamedTuple):
    """A store of one size with its server and a dashboard before it, and what was measured of each page."""

    size: int
    store: Path
    dashboard: Dashboard
    pages: dict[str, Timed]


def opened(size: int, keep: Path, given: argparse.Namespace, stack: ExitStack) -> Measured:
    """Open all pages before a server that runs until all sizes are measured."""
    print(f"\n{size:,} events")
    store = fill(keep / str(size), size)
    megabytes = sum(file.stat().st_size for file in store.parent.glob("events.db*")) / 1e6
    print(f"disk: {megabytes:,.0f} MB, {megabytes * 1e6 / size:,.0f} MB per million events")
    server = stack.enter_context(Served(store.parent))
    until_current(server, size)
    target = stack.enter_context(dashboard(server))
    return Measured(size, store, target, {name: target.open(name, given.runs) for name in given.pages})


def ask(stores: list[Measured], runs: int) -> None:
    """Ask every page's questions, of all sizes in turn: a machine whose speed changes changes it for all of them.

    One round goes before, for the pages of a file that nobody has read.
    """
    for name in stores[0].pages:
        for measured in stores:
            measured.dashboard.answers(measured.pages[name].requests, runs + 1)
        for number in range(1, runs + 1):
            for measured in stores:
                measured.dashboard.ask(measured.pages[name], number)


def report(measured: Measured, given: argparse.Namespace) -> None:
    """Print what was measured at one size, and measure the figures of a day and the rivals."""
    print(f"\n{measured.size:,} events")
    for name, page in measured.pages.items():
        slowest, took = measured.dashboard.slowest(page.requests)
        print(f"{name} ({len(page.requests)} questions)")
        print(f"  all data:    {spread(page.data, 'ms')}; {statistics.median(page.cpu):.0f} ms of processor")
        print(f"  warm script: {spread(page.script, 'ms')}")
        print(f"  slowest question alone: {slowest}, {took:.1f} ms")
    key_figures(measured.dashboard, measured.pages, given.runs)
    if not given.alone:
        beside(measured.dashboard, measured.store, measured.size, measured.pages)


def until_current(server: Served, size: int) -> None:
    """Wait until the whole log is folded, so that this competes with nobody's question."""
    began = time.monotonic()
    while (server.get("/api/dashboard/metrics")["position"] or {"seq": 0})["seq"] < size:
        time.sleep(0.2)
    print(f"folded up to the top after {time.monotonic() - began:.1f} s")


def key_figures(dashboard: Dashboard, pages: dict[str, Timed], runs: int) -> None:
    """Ask every single figure of every page for the last 24 hours, one after the other."""
    days = [last_day(each) for timed in pages.values() for each in timed.requests.values()]
    singles = list(dict.fromkeys(day for day in days if day is not None))
    took = [dashboard.answers({"figure": each}, number) for number in range(1, runs + 1) for each in singles]
    print(f"24 h key figures ({len(singles)}), each: {spread(took, 'ms')}")


def beside(dashboard: Dashboard, store: Path, size: int, pages: dict[str, Timed]) -> None:
    """Ask the raw events what they can be asked, and ourselves the same."""
    requests = {
        name: [
            each for each in timed.requests.values() if isinstance(each, SeriesRequest) and rivals.translatable(each)
        ]
        for name, timed in pages.items()
    }
    numbers = itertools.cycle(range(300, 400))  # ends that nothing here has asked about yet

    def ours(question: SeriesRequest) -> float:
        return dashboard.answers({"it": question}, next(numbers))

    print("the same questions one after the other, p50 in ms:")
    for name, compared in rivals.compare(store, size, requests, ours, RIVALS_RUNS).items():
        times = ", ".join(f"{who} {statistics.median(took):,.0f}" for who, took in compared.took.items())
        print(f"  {name} ({compared.questions} of {len(pages[name].requests)} questions): {times}")


def ratios(stores: list[Measured]) -> None:
    """Print each page's p95 at every size, and how much more the largest takes than the smallest."""
    sizes = ", ".join(f"{measured.size:,}" for measured in stores)
    print(f"\nall data of a page at {sizes} events: p50, p95 ms (processor ms); growth of each")
    for name in stores[0].pages:
        rows = [_p50_p95(measured.pages[name]) for measured in stores]
        times = "; ".join("{:.0f}, {:.0f} ({:.0f})".format(*row) for row in rows)
        grown = "{:.2f}, {:.2f} ({:.2f})".format(*(last / first for first, last in zip(rows[0], rows[-1], strict=True)))
        print(f"  {name}: {times}; {grown}")


def _p50_p95(page: Timed) -> tuple[float, float, float]:
    return statistics.median(page.data), _p95(page.data), statistics.median(page.cpu)


def _p95(samples: list[float]) -> float:
    return statistics.quantiles(samples, n=20, method="inclusive")[-1] if len(samples) > 1 else samples[0]


if __name__ == "__main__":
    main()
