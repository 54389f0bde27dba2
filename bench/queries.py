"""Every page's own questions at 10⁴, 10⁶ and 10⁷ events over ninety days, through the real server and client.

Beside them the same questions asked of the raw events with pandas and DuckDB, in the same run. Filling 10⁷ events
takes half an hour of one processor and 12 GB; --keep keeps the stores for the next run.
"""

import argparse
import itertools
import statistics
import tempfile
import time
from pathlib import Path

from bench import rivals
from bench.machine import describe, spread
from bench.pages import DAYS, PAGES, Dashboard, Timed, dashboard, last_day
from bench.past import SEED, fill
from jorge_data.live.question import Question
from tests.served import Served

SIZES = (10_000, 1_000_000, 10_000_000)
RUNS = 20
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
    with tempfile.TemporaryDirectory() as scratch:
        found = {size: at_size(size, given.keep or Path(scratch), given) for size in given.sizes}
    ratios(found)


def at_size(size: int, keep: Path, given: argparse.Namespace) -> dict[str, Timed]:
    """Measure all pages, the figures of a day and the rivals at one size."""
    print(f"\n{size:,} events")
    store = fill(keep / str(size), size)
    megabytes = sum(file.stat().st_size for file in store.parent.glob("events.db*")) / 1e6
    print(f"disk: {megabytes:,.0f} MB, {megabytes * 1e6 / size:,.0f} MB per million events")
    with Served(store.parent) as server:
        until_current(server, size)
        with dashboard(server) as looking:
            found = {name: page(looking, name, given.runs) for name in given.pages}
            key_figures(looking, found, given.runs)
            if not given.alone:
                beside(looking, store, size, found)
    return found


def until_current(server: Served, size: int) -> None:
    """Wait until the server's live state has read the whole log, so that it competes with nobody's question."""
    began = time.monotonic()
    while (server.get("/api/dashboard/metrics")["position"] or {"seq": 0})["seq"] < size:
        time.sleep(0.2)
    print(f"live state at the top after {time.monotonic() - began:.1f} s")


def page(looking: Dashboard, name: str, runs: int) -> Timed:
    timed = looking.measure(name, runs)
    print(f"{name} ({len(timed.asked)} questions)")
    print(f"  all data:    {spread(timed.data, 'ms')}; {timed.cpu:.0f} ms of processor")
    print(f"  warm script: {spread(timed.script, 'ms')}")
    print(f"  slowest question alone: {timed.slowest[0]}, {timed.slowest[1]:.1f} ms")
    return timed


def key_figures(looking: Dashboard, found: dict[str, Timed], runs: int) -> None:
    """Ask every single figure of every page for the last 24 hours, one after the other."""
    days = [last_day(each) for timed in found.values() for each in timed.asked.values()]
    singles = list(dict.fromkeys(day for day in days if day is not None))
    took = [looking.answers({"figure": each}, number) for number in range(1, runs + 1) for each in singles]
    print(f"24 h key figures ({len(singles)}), each: {spread(took, 'ms')}")


def beside(looking: Dashboard, store: Path, size: int, found: dict[str, Timed]) -> None:
    """Ask the raw events what they can be asked, and ourselves the same."""
    asked = {
        name: [each for each in timed.asked.values() if isinstance(each, Question) and rivals.translatable(each)]
        for name, timed in found.items()
    }
    numbers = itertools.cycle(range(300, 400))  # ends that nothing here has asked about yet

    def ours(question: Question) -> float:
        return looking.answers({"it": question}, next(numbers))

    print("the same questions one after the other, p50 in ms:")
    for name, compared in rivals.compare(store, size, asked, ours, RIVALS_RUNS).items():
        told = ", ".join(f"{who} {statistics.median(took):,.0f}" for who, took in compared.took.items())
        print(f"  {name} ({compared.questions} of {len(found[name].asked)} questions): {told}")


def ratios(found: dict[int, dict[str, Timed]]) -> None:
    """Print each page's p95 at every size, and how much more the largest takes than the smallest."""
    sizes = sorted(found)
    print(f"\nall data of a page at {', '.join(f'{size:,}' for size in sizes)} events: p95 ms (processor ms); growth")
    for name in found[sizes[0]]:
        timed = [found[size][name] for size in sizes]
        told = ", ".join(f"{_p95(each.data):.0f} ({each.cpu:.0f})" for each in timed)
        grown = _p95(timed[-1].data) / _p95(timed[0].data)
        print(f"  {name}: {told}; {grown:.2f} ({timed[-1].cpu / timed[0].cpu:.2f})")


def _p95(samples: list[float]) -> float:
    return statistics.quantiles(samples, n=20, method="inclusive")[-1] if len(samples) > 1 else samples[0]


if __name__ == "__main__":
    main()
