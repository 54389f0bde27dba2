"""A page of a log: its records, and the positions among them that cannot be read."""

from typing import NamedTuple

from jorge_data.events import Record


class Hole(NamedTuple):
    """Positions that cannot be read, the first and the last: the disk gives back something else than was written."""

    first: int
    last: int

    def holds(self, other: "Hole") -> bool:
        """Return whether another hole is a part of this one, as a reader meets it who begins inside."""
        return self.first <= other.first and other.last <= self.last

    def __str__(self) -> str:
        some = f"positions {self.first} to {self.last}" if self.last > self.first else f"position {self.first}"
        return f"{some} cannot be read: the log goes on at {self.last + 1}"


class Page(NamedTuple):
    """Records in order, and the position up to which the log was read (filtered records are passed over).

    `unreadable`: what follows on the records and cannot be read; the page ends with it.
    """

    records: list[Record]
    position: int
    unreadable: Hole | None = None
