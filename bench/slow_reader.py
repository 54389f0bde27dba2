"""What a reader that has stopped costs a healthy one: publish → receive, in alternating phases of one run.

Each pair of phases is measured back to back, without and with a stalled reader beside (its buffers full, not yet cut);
which of the two comes first alternates. The aim is less than 10 % of p99.
"""

import random
import statistics
import tempfile
from pathlib import Path

from bench.machine import describe, spread
from tests.chaos.latency import Probe
from tests.chaos.stalled import Stalled
from tests.served import Served

SEED, PAIRS, EVENTS = 7, 30, 200
FILL, SIZE = 120, 4_000
"""Events that fill the stalled reader's buffers: 480 KB, where it is cut at 1 MiB."""


def alone(probe: Probe) -> list[float]:
    probe.fill(FILL, SIZE)
    return probe.measure(EVENTS)


def beside_a_stalled_reader(probe: Probe, port: int, location: str) -> list[float]:
    with Stalled(port, location):
        probe.fill(FILL, SIZE)
        return probe.measure(EVENTS)


def p99(delays: list[float]) -> float:
    return statistics.quantiles(delays, n=100)[-1]


def difference(pairs: list[tuple[list[float], list[float]]]) -> float:
    """Return by what share the p99 of all phases with a stalled reader is above that of all without."""
    without, beside = ([delay for pair in pairs for delay in pair[side]] for side in (0, 1))
    return p99(beside) / p99(without) - 1


def main() -> None:
    print(describe(), f"seed {SEED}, {PAIRS} pairs of phases of {EVENTS} events", sep="\n")
    pairs: list[tuple[list[float], list[float]]] = []
    with tempfile.TemporaryDirectory() as folder, Served(Path(folder)) as server, Probe(server, "bench") as probe:
        probe.measure(EVENTS)
        for number in range(PAIRS):
            first = alone(probe) if number % 2 else []
            beside = beside_a_stalled_reader(probe, server.port, "bench")
            pairs.append((first or alone(probe), beside))
    for name, side in (("alone", 0), ("beside a stalled reader", 1)):
        print(f"{name}: {spread([delay for pair in pairs for delay in pair[side]], 'ms')}")
        print(f"  p99 of each phase, ms: {' '.join(f'{p99(pair[side]):.2f}' for pair in pairs)}")
    chance = random.Random(SEED)
    resampled = sorted(difference(chance.choices(pairs, k=PAIRS)) for _ in range(1000))
    print(f"p99: {difference(pairs):+.1%} (95 % of resamplings {resampled[25]:+.1%} … {resampled[974]:+.1%})")


if __name__ == "__main__":
    main()
