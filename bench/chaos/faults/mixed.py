"""Many faults at once, by chance: the server ends in every way while the network misbehaves on both sides."""

import signal
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.chaos.faults.fault import Fault
from bench.chaos.faults.store import opened
from bench.chaos.stage import Stage, server
from tests.served import Served
from tests.toxics import CLEAN, Toxic

MIX_S = 25.0


@contextmanager
def own(folder: Path) -> Iterator[Served]:
    with server(folder) as served:
        yield served


def mixed(stage: Stage) -> None:
    began, played = time.monotonic(), []
    while time.monotonic() - began < MIX_S:
        spoil_network(stage)
        deed = stage.chance.choice(DEEDS)
        played.append(deed.__name__)
        deed(stage)
        time.sleep(stage.chance.uniform(0.1, 2))
        if stage.chance.random() < 0.4:
            stage.inlet.heal()
            stage.outlet.heal()
    stage.heal()
    stage.inlet.cut()
    stage.outlet.cut()
    stage.facts.append(" → ".join(played))


def spoil_network(stage: Stage) -> None:
    for proxy in (stage.inlet, stage.outlet):
        if stage.chance.random() < 0.5:
            proxy.set(up=toxic(stage), down=toxic(stage))
        if stage.chance.random() < 0.3:
            proxy.cut(reset=stage.chance.random() < 0.5)


def toxic(stage: Stage) -> Toxic:
    chance = stage.chance
    return chance.choice(
        [
            CLEAN,
            CLEAN,
            Toxic(latency_s=chance.uniform(0, 0.4), jitter_s=0.1),
            Toxic(bandwidth=chance.randrange(1_000, 100_000)),
            Toxic(slice_bytes=chance.randrange(1, 50)),
            Toxic(black_hole=True),
            Toxic(black_hole=True, timeout_s=chance.uniform(0.1, 2)),
            Toxic(limit_data=chance.randrange(20, 10_000)),
            Toxic(reset_peer=True),
            Toxic(slow_close_s=chance.uniform(0, 1)),
        ]
    )


def kill(stage: Stage) -> None:
    stage.served.kill()
    time.sleep(stage.chance.uniform(0, 1))
    stage.served.start()


def restart(stage: Stage) -> None:
    stage.served.stop()
    stage.served.start()


def freeze(stage: Stage) -> None:
    stage.served.process.send_signal(signal.SIGSTOP)
    time.sleep(stage.chance.uniform(0.5, 5))
    stage.served.process.send_signal(signal.SIGCONT)


def hold_the_store(stage: Stage) -> None:
    try:
        with opened(stage.served) as connection:
            connection.execute("BEGIN IMMEDIATE")
            time.sleep(stage.chance.uniform(0.5, 3))
            connection.execute("ROLLBACK")
    except sqlite3.OperationalError:
        return  # it is held by the server


def shut_the_proxies(stage: Stage) -> None:
    for proxy in (stage.inlet, stage.outlet):
        proxy.shut()
    time.sleep(stage.chance.uniform(0.2, 3))
    for proxy in (stage.inlet, stage.outlet):
        proxy.open()


def wait(stage: Stage) -> None:
    time.sleep(stage.chance.uniform(0.5, 3))


DEEDS: tuple[Callable[[Stage], None], ...] = (kill, restart, freeze, hold_the_store, shut_the_proxies, wait)

MIX = Fault("F30", "a mix of kills, stops, locks and networks", mixed, "alone", own, seconds=45)
