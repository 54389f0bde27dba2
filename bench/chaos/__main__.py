"""Play the faults of `docs/reliability.md` for so many minutes, by a seed; exit with 1 where the model is broken."""

import argparse
import logging
import random
import shutil
import sys
import tempfile
from pathlib import Path

from bench.chaos.faults import FAULTS, MIX
from bench.chaos.report import details, table
from bench.chaos.run import Run
from bench.machine import describe, spread


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.chaos", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--seed", type=int, help="of the schedule and of every fault; by chance where none is given")
    parser.add_argument("--faults", default="", help="some alone, by number: F1,F6")
    parser.add_argument("--keep", type=Path, help="keep stores and logs in this folder, which is empty")
    given = parser.parse_args()
    seed = random.randrange(100_000) if given.seed is None else given.seed
    faults = [*FAULTS, MIX]
    if wanted := {number for number in given.faults.split(",") if number}:
        unknown = wanted - {fault.number for fault in faults}
        if unknown:
            parser.error(
                f"--faults is {given.faults!r}: allowed are {', '.join(dict.fromkeys(f.number for f in faults))}"
            )
        faults = [fault for fault in faults if fault.number in wanted]
    folder = given.keep or Path(tempfile.mkdtemp(prefix="chaos-"))
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        parser.error(f"--keep is {str(folder)!r}: allowed is an empty folder, or one that is not there yet")
    logging.basicConfig(filename=folder / "clients.log", format="%(asctime)s %(name)s %(message)s")
    print(describe(), f"seed {seed}, {given.minutes:g} min", sep="\n", flush=True)
    run = Run(folder, seed, faults)
    run.play(given.minutes * 60)
    rows = list(run.rows.values())
    print(table(rows), details(rows), sep="\n\n")
    print(f"the load's own lateness: {spread([1000 * late for late in run.lateness.seconds], 'ms')}")
    if any(row.broken for row in rows):
        numbers = ",".join(dict.fromkeys(row.label.split()[0] for row in rows if row.broken and row.label[0] == "F"))
        again = f"make chaos SEED={seed} MINUTES={given.minutes:g}"
        print(f"BROKEN; stores and logs are in {folder}. All of it again: {again}", end="")
        print(f'; what is broken alone: {again} ARGS="--faults {numbers}"' if numbers else "")
        sys.exit(1)
    print("everything that must hold holds")
    if given.keep is None:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
