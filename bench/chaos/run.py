"""A run: one server under load from begin to end, and the rounds of the schedule beside it."""

import sys
import threading
import time
import traceback
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from random import Random

from bench.chaos.faults import MIX, Fault
from bench.chaos.faults.fault import NotHere
from bench.chaos.model import Verdict
from bench.chaos.report import NO_TIME, Row
from bench.chaos.schedule import Round, rounds, seconds
from bench.chaos.stage import Stage, server
from tests.served import Served

ALL_ALONG = "all along, beside every fault of the shared server"


class Run:
    """Plays faults for so many seconds; the rows say what became of the events."""

    def __init__(self, folder: Path, seed: int, faults: Sequence[Fault]) -> None:
        self.folder = folder
        self.seed = seed
        self.faults = faults
        self.rows: dict[str, Row] = {fault.label: Row(fault.label) for fault in faults}
        self.lateness = Lateness()

    def play(self, within_s: float) -> None:
        """Play every fault that there is time for, then the mix, if it is among them, until the time is over."""
        ends = time.monotonic() + within_s
        single = [fault for fault in self.faults if fault is not MIX]
        with self.lateness, server(self.folder / "shared") as shared:
            along = Stage(shared, "all-along", self._chance(ALL_ALONG, 0), self.folder)
            with along:
                along.settle_in()
                for round_ in rounds(single, self.seed):
                    if time.monotonic() + seconds(round_) > ends:
                        self._skip(round_)
                    else:
                        self._play_round(round_, shared)
                along.heal()
                row = self.rows.setdefault(ALL_ALONG, Row(ALL_ALONG, 1))
                finish(along, row)
        while MIX in self.faults and time.monotonic() + MIX.seconds < ends:
            self._play_round([MIX], None)

    def _skip(self, round_: Round) -> None:
        for fault in round_:
            self.rows[fault.label].not_played = NO_TIME

    def _play_round(self, round_: Round, shared: Served | None) -> None:
        say(f"{time.strftime('%H:%M:%S')} {' · '.join(fault.label for fault in round_)}")
        with ThreadPoolExecutor(len(round_)) as pool:
            for played in [pool.submit(self._play, fault, shared) for fault in round_]:
                played.result()

    def _play(self, fault: Fault, shared: Served | None) -> None:
        row = self.rows[fault.label]
        row.times += 1
        chance = self._chance(fault.label, row.times)
        location = f"{fault.number.lower()}-{list(self.rows).index(fault.label)}-{row.times}"
        with ExitStack() as stack:
            try:
                served = self._server(fault, shared, location, stack)
            except NotHere as reason:
                row.not_played = f"not played: {reason}"
                row.times -= 1
                return
            stage = Stage(served, location, chance, self.folder)
            try:
                stack.enter_context(stage)
                perform(fault, stage)
            except Exception as failure:
                stage.problems.append(f"{type(failure).__name__}: {str(failure)[:300]}")
                (self.folder / f"{location}.txt").write_text(traceback.format_exc())
            finish(stage, row)

    def _server(self, fault: Fault, shared: Served | None, location: str, stack: ExitStack) -> Served:
        if fault.own_server is None:
            assert shared is not None
            return shared
        return stack.enter_context(fault.own_server(self.folder / location))

    def _chance(self, label: str, number: int) -> Random:
        """Return the dice of one fault: the same whatever else is played."""
        return Random(f"{self.seed} {label} {number}")


def perform(fault: Fault, stage: Stage) -> None:
    stage.settle_in()
    stage.heal()
    try:
        fault.play(stage)
    finally:
        stage.heal_all()
    stage.recovered()


def finish(stage: Stage, row: Row) -> None:
    """Let the load come to its end, and add up."""
    try:
        verdict = stage.end()
    except Exception as failure:
        verdict = Verdict(problems=[*stage.problems, f"no end: {type(failure).__name__}: {str(failure)[:300]}"])
    row.verdict += verdict
    row.recoveries += stage.times
    row.facts += stage.facts
    if not verdict.holds:
        say(f"  BROKEN {row.label}: {verdict.problems[:3] or verdict}")


def say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


class Lateness:
    """How late this process itself is: what it adds to every time that it measures."""

    def __init__(self) -> None:
        self.seconds: list[float] = []
        self._ends = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="lateness", daemon=True)

    def _watch(self) -> None:
        due = time.monotonic()
        while not self._ends.wait(max(0.0, due - time.monotonic())):
            self.seconds.append(max(0.0, time.monotonic() - due))
            due = time.monotonic() + 0.1

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *error: object) -> None:
        self._ends.set()
        self._thread.join()
