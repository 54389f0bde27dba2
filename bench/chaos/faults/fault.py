"""A fault: what it is called, what it does to a stage, and what it needs for that."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from bench.chaos.stage import Stage
from tests.served import Served

OwnServer = Callable[[Path], AbstractContextManager[Served]]

Needs = Literal["alone", "company"]
"""`alone`: it does something to the server itself, or to the machine. `company`: others may be played beside it."""


class NotHere(Exception):
    """This machine cannot play the fault: a program or a right is missing."""


@dataclass(frozen=True)
class Fault:
    """One fault; `play` begins it, ends it, and raises AssertionError where something must hold and does not."""

    number: str
    name: str
    play: Callable[[Stage], None]
    needs: Needs = "company"
    own_server: OwnServer | None = None
    bounds_time: bool = False  # holds a machine to seconds that other work beside it may take away
    seconds: int = 10  # about as long as it takes

    @property
    def label(self) -> str:
        return f"{self.number} {self.name}"
