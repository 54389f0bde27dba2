"""A table as a format has it: a header and rows of cells, whatever Excel, pandas and polars put around them."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from jorge_data.errors import Fault
from jorge_data.events.encoding import show
from jorge_data.files.cells import Notation
from jorge_data.files.line import FileRefused

_INDEX = re.compile(r"__index_level_[0-9]+__|index|level_[0-9]+")
"""The headings that pandas gives the index of a frame, which says nothing of the events."""

_NAMELESS = re.compile(r"|Unnamed: [0-9]+(\.[0-9]+)*")
"""No heading, and what pandas makes of that; before the first column that has one it is an index too."""


class TableRow(NamedTuple):
    """A row, counted from 1 as its format counts, with its cells by column, or with its faults."""

    number: int
    share: float  # of the file that has been read, 0–1
    cells: dict[str, Any]
    faults: tuple[Fault, ...] = ()


class Table(NamedTuple):
    """A file's columns and rows; `written_as` says in which format and spelling they are."""

    written_as: str
    columns: list[str]
    rows: Iterator[TableRow]
    notation: Notation = "typed"


class Header:
    """The headings of a table: an index has none and is left out, and none stands twice."""

    def __init__(self, path: Path, headings: Sequence[Any]) -> None:
        names = ["" if heading is None else str(heading).strip() for heading in headings]
        while names and not names[-1]:
            names.pop()
        self._names = [None if _NAMELESS.fullmatch(name) or _INDEX.fullmatch(name) else name for name in names]
        self.width = len(names)
        self.columns = [name for name in self._names if name is not None]
        first = next((number for number, name in enumerate(self._names) if name is not None), len(names))
        self._must_be_empty = [n for n, name in enumerate(names) if n > first and _NAMELESS.fullmatch(name)]
        for name in self.columns:
            if self.columns.count(name) > 1:
                numbers = [str(number) for number, other in enumerate(self._names, 1) if other == name]
                raise FileRefused(
                    path,
                    f"column {show(name)} stands {len(numbers)} times, as columns "
                    f"{', '.join(numbers)}; allowed: each column once",
                )

    def row(self, number: int, share: float, cells: Sequence[Any]) -> TableRow:
        """Return a row of cells by column; cells beyond the columns must be empty, and none may be missing."""
        row = {name: cell for name, cell in zip(self._names, cells, strict=False) if name is not None}
        faults: tuple[Fault, ...] = ()
        if len(cells) < self.width:
            faults = (Fault("", f"{len(cells)} cells", f"allowed: {self.width}, as the header"),)
        elif any(not is_empty(cell) for cell in cells[self.width :]):
            faults = (Fault("", f"{_filled(cells)} cells", f"allowed: {self.width}, as the header"),)
        else:
            strays = [cells[n] for n in self._must_be_empty if not is_empty(cells[n])]
            faults = tuple(Fault("", show(cell), "allowed: a cell under a heading") for cell in strays)
        return TableRow(number, share, row, faults)


def is_empty(cell: Any) -> bool:
    """Return whether a cell has nothing in it."""
    return cell is None or (isinstance(cell, str) and not cell.strip())


def is_blank(cells: Sequence[Any]) -> bool:
    """Return whether a row has nothing in it, as the rows of commas that Excel leaves."""
    return all(map(is_empty, cells))


def _filled(cells: Sequence[Any]) -> int:
    return max(number for number, cell in enumerate(cells, 1) if not is_empty(cell))
