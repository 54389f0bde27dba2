"""What a bot pays to publish: microseconds a call, with a real server behind it and without one.

    .venv/bin/python -m bench.publisher [calls]

`call` is the wall time of `publish` as the bot sees it, one sample a call; `thread` is what of it was this thread on a
core, the mean; `process` is all threads, delivery among them, per event. The bot that pauses pays for cold caches and
for waking the delivery at the first call after each pause, which is its p95.
"""

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from bench.machine import describe, spread
from jorge_data.bots import Publisher
from tests.served import Served, free_port

CALLS = 20_000
STEP = {"bot_type": "jorge-seller", "status": "processing", "contact_id": "c-1", "current_step": "Q2"}


def measure(name: str, publisher: Publisher, calls: int, pause: Callable[[int], None]) -> None:
    for _ in range(200):
        publisher.publish("bot_status_update", STEP)
    publisher.flush(2)
    samples: list[float] = []
    busy = 0.0
    process = time.process_time()
    for number in range(calls):
        thread, begun = time.thread_time(), time.perf_counter()
        publisher.publish("bot_status_update", STEP)
        samples.append((time.perf_counter() - begun) * 1e6)
        busy += time.thread_time() - thread
        pause(number)
    publisher.flush(30 if publisher.trouble is None else 0)
    each = (time.process_time() - process) / calls * 1e6
    mean = sum(samples) / calls
    print(f"{name:34} call {spread(samples, 'µs')}")
    print(f"{'':34} call mean {mean:.1f} · thread mean {busy / calls * 1e6:.1f} · process mean {each:.1f} µs")


def at_once(number: int) -> None:
    """A bot that does nothing but publish."""


def in_steps(number: int) -> None:
    """A bot that says twenty things and then waits for its contact."""
    if number % 20 == 19:
        time.sleep(0.02)


def main() -> None:
    calls = int(sys.argv[1]) if len(sys.argv) > 1 else CALLS
    print(describe())
    with tempfile.TemporaryDirectory() as folder, Served(Path(folder)) as server:
        for name, pause in (("server up, without a pause", at_once), ("server up, 1,000 events/s", in_steps)):
            with Publisher(
                server.url, server.token(), source="bench", spool=Path(folder) / "up.db", limit=10**6
            ) as publisher:
                measure(name, publisher, calls, pause)
    with tempfile.TemporaryDirectory() as folder:
        away = f"http://127.0.0.1:{free_port()}"
        publisher = Publisher(away, "token", source="bench", spool=Path(folder) / "down.db", limit=10**6)
        measure("server away", publisher, calls, at_once)
        publisher.close(0)


if __name__ == "__main__":
    main()
