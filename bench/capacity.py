"""What an event, a client and an office cost the event server, in processor time and memory: docs/capacity.md.

    python -m bench.capacity

Processor time is the server's own, so that other work on the machine matters little; no time of a clock is measured.
"""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import orjson
import psutil

from bench.machine import describe
from tests.served import Served
from tests.waiting import wait_until

OFFICE = "capacity"
ROUNDS = 3
CLIENTS, OFFICES = 300, 200
_numbers = count(1)

Json = dict[str, Any]


def event(location: str) -> Json:
    """Return a bot's step or a message, by turns, of one of a hundred contacts."""
    number = next(_numbers)
    contact = f"contact-{number % 100}"
    kinds: tuple[tuple[str, Json], ...] = (
        ("bot_status_update", {"bot_type": "jorge-seller", "status": "processing", "current_step": f"Q{number % 4}"}),
        ("conversation_event", {"conversation_id": contact, "kind": "message", "channel": "sms"}),
    )
    kind, data = kinds[number % len(kinds)]
    moment = datetime.now(UTC).isoformat()
    return {
        "id": f"c-{number}",
        "source": "bench",
        "type": kind,
        "time": moment,
        "locationid": location,
        "data": {"contact_id": contact, **data},
    }


class Measured:
    """A server's processor time and memory, by its process."""

    def __init__(self, server: Served) -> None:
        self.server, self.process = server, psutil.Process(server.process.pid)

    def cpu_s(self) -> float:
        times = self.process.cpu_times()
        return float(times.user + times.system)

    def memory_kib(self) -> float:
        return float(self.process.memory_full_info().uss) / 1024

    def microseconds(self, work: Callable[[], object], times: int) -> float:
        """Return the processor time of one of so many."""
        began = self.cpu_s()
        work()
        self.settle()
        return (self.cpu_s() - began) / times * 1e6

    def settle(self) -> None:
        """Wait until all that was published is folded."""
        folded = "jorge_fold_lag_events 0.0"
        headers = self.server.bearer()
        wait_until(
            lambda: folded in self.server.session.get(f"{self.server.url}/metrics", headers=headers, timeout=10).text
        )

    def publish(self, events: int, batch: int, location: str = OFFICE) -> None:
        for _ in range(0, events, batch):
            answer = self.server.post([event(location) for _ in range(batch)])
            assert answer.status_code == 200, answer.text


def clients(measured: Measured) -> Iterator[tuple[str, float]]:
    """Yield the memory of an idle client, and the processor time of one event served to one client more."""
    alone = [measured.microseconds(lambda: measured.publish(200, 1), 200) for _ in range(ROUNDS)]
    before = measured.memory_kib()
    with ExitStack() as stack:
        for _ in range(CLIENTS):
            client = measured.server.connect(stack, additional_headers=measured.server.bearer())
            client.send(orjson.dumps({"type": "subscribe", "location": OFFICE}).decode())
            client.recv(20)
        yield "memory of an idle client, KiB", (measured.memory_kib() - before) / CLIENTS
        beside = [measured.microseconds(lambda: measured.publish(100, 1), 100) for _ in range(ROUNDS)]
        yield "a delivery (an event to a client), µs", (sorted(beside)[1] - sorted(alone)[1]) / CLIENTS


def main() -> None:
    """Measure, and print a line each: the median of three rounds, and all of them."""
    print(describe())
    with tempfile.TemporaryDirectory() as folder, Served(Path(folder)) as server:
        measured = Measured(server)
        measured.publish(2000, 100)
        measured.settle()
        figures: dict[str, list[float]] = {}
        for _ in range(ROUNDS):
            for batch, events in ((1, 400), (10, 1000), (100, 5000)):
                each = measured.microseconds(partial(measured.publish, events, batch), events)
                figures.setdefault(f"an event, {batch} in a request, µs", []).append(each)
        for name, each in clients(measured):
            figures.setdefault(name, []).append(each)
        used, disk = measured.memory_kib(), stored(folder)
        for number in range(OFFICES):
            measured.publish(20, 20, f"office-{number}")
        measured.settle()
        figures["an office of twenty events, memory, KiB"] = [(measured.memory_kib() - used) / OFFICES]
        figures["an office of twenty events, disk, KiB"] = [(stored(folder) - disk) / OFFICES]
        for name, rounds in figures.items():
            shown = " · ".join(f"{each:,.1f}" for each in rounds)
            print(f"{name}: {sorted(rounds)[len(rounds) // 2]:,.1f} ({shown})")


def stored(folder: str) -> float:
    """Return the size of all files of the store, KiB."""
    return sum(path.stat().st_size for path in Path(folder).glob("events.db*")) / 1024


if __name__ == "__main__":
    main()
