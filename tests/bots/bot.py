"""A bot in a process of its own, for tests that kill it: it publishes numbered steps and reports how far it came."""

import subprocess
import sys
from pathlib import Path
from typing import IO, Self

from jorge_data.bots import Publisher

SOURCE = "mortal-bot"


def steps(publisher: Publisher, first: int, last: int) -> None:
    for number in range(first, last):
        publisher.publish("bot_status_update", {"bot_type": SOURCE, "status": "active", "current_step": str(number)})


class Mortal:
    """Publishes without end until it is killed; `published` reads how far it certainly came."""

    def __init__(self, url: str, token: str, location: str, spool: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.bots.bot", url, token, location, str(spool)],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=Path(__file__).parents[2],
        )
        assert self._process.stdout
        self._output: IO[bytes] = self._process.stdout
        self._reported = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.kill()
        self._output.close()

    def published(self, steps: int) -> None:
        """Wait until it has published so many more steps."""
        for _ in range(steps):
            self._reported = int(self._output.readline()) + 1

    def kill(self) -> int:
        """End it by SIGKILL; return how many steps it reported as published in all."""
        self._process.kill()
        self._process.wait()
        whole = [line for line in self._output.readlines() if line.endswith(b"\n")]
        return int(whole[-1]) + 1 if whole else self._reported


def main(url: str, token: str, location: str, spool: str) -> None:
    publisher = Publisher(url, token, source=SOURCE, location=location, spool=spool)
    for number in range(50_000):
        steps(publisher, number, number + 1)
        sys.stdout.write(f"{number}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
