"""What a reader makes of a file: a line with its event or its faults, or a refusal of the whole file."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from jorge_data.errors import Fault, JorgeError


class FileLine(NamedTuple):
    """A line or row, counted from 1, with its event; where it has faults, with them and what could be read."""

    number: int
    share: float  # of the file that has been read, 0–1
    event: Any = None
    faults: tuple[Fault, ...] = ()


@dataclass
class FileRefused(JorgeError):
    """A file cannot be read or written as a whole."""

    path: Path
    detail: str

    def __str__(self) -> str:
        return f"{self.path}: {self.detail}"
