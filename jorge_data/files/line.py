"""One line of a file: the event that it means, or what is wrong with it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from jorge_data.errors import Fault, JorgeError


class FileLine(NamedTuple):
    """A line (or row, counted from 1) with its event, or with its faults and what stood there."""

    number: int
    share: float  # of the file that is read with it
    event: Any = None
    faults: tuple[Fault, ...] = ()


@dataclass
class FileRefused(JorgeError):
    """A file cannot be read or written as a whole."""

    path: Path
    detail: str

    def __str__(self) -> str:
        return f"{self.path}: {self.detail}"
