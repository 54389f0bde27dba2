"""How long a start takes on a store of 10⁴ and of 10⁶ events: SIGKILL, then start until the figures are at the top.

The figures after the start are compared with those before the kill.
"""

import argparse
import random
import tempfile
import time
from pathlib import Path
from typing import Any

from bench.machine import describe
from tests.served import Served, bot_status

SEED, BATCH = 7, 500


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, nargs="*", default=[10_000, 1_000_000])
    sizes = parser.parse_args().events
    print(describe(), f"seed {SEED}", sep="\n")
    for size in sizes:
        with tempfile.TemporaryDirectory() as folder, Served(Path(folder), JORGE_PUBLISH_RATE="1000000") as server:
            fill(server, size)
            before = figures(server, size)
            server.kill()
            began = time.perf_counter()
            server.start()
            listening = time.perf_counter() - began
            after = figures(server, size)
            ready = time.perf_counter() - began
            megabytes = sum(file.stat().st_size for file in Path(folder).glob("events.db*")) / 1e6
            same = "the same figures" if after == before else "OTHER FIGURES"
            print(f"{size:>9,} events ({megabytes:,.0f} MB): answers after {listening:.2f} s, ", end="")
            print(f"at the top after {ready:.2f} s, {same}")


def fill(server: Served, size: int) -> None:
    chance, headers = random.Random(SEED), server.bearer("publisher")
    for _ in range(size // BATCH):
        steps = [chance.randrange(40, 400) for _ in range(BATCH)]
        batch = [with_duration(bot_status(step), step) for step in steps]
        assert server.post(batch, headers).status_code == 200


def with_duration(event: dict[str, Any], milliseconds: int) -> dict[str, Any]:
    event["data"] |= {
        "status": "completed",
        "processing_time_ms": milliseconds,
        "contact_id": f"contact-{milliseconds}",
    }
    return event


def figures(server: Served, position: int) -> Any:
    """Return what the log alone decides, once it is folded up to a position: not what the clock moves on."""
    while True:
        answer = server.get("/api/dashboard/metrics")
        if (answer["position"] or {"seq": 0})["seq"] >= position:
            break
    bots = {name: [bot[field] for field in ("status", "since", "contact")] for name, bot in answer["bots"].items()}
    return bots, [answer[name] for name in ("position", "revenue", "qualification", "sources")]


if __name__ == "__main__":
    main()
