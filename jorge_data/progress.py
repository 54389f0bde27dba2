"""How far a long work is: a bar where somebody looks at a terminal, a line for each tenth where nobody does."""

import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TextIO

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

Show = Callable[[float, str], None]
"""Told of the share that is done (0–1), and of what that is in the work's own words."""

Begin = Callable[[str], AbstractContextManager[Show]]
"""Begins to show a work of this name."""


@contextmanager
def progress(work: str, stream: TextIO | None = None) -> Iterator[Show]:
    """Show on a stream, standard error by default, how far a work is until the block ends."""
    stream = stream or sys.stderr
    if not stream.isatty():
        yield _lines(work, stream)
        return
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TextColumn("{task.fields[note]}"))
    with Progress(*columns, TimeRemainingColumn(), console=Console(file=stream)) as bar:
        task = bar.add_task(work, total=1.0, note="")
        yield lambda share, note: bar.update(task, completed=share, note=note)


@contextmanager
def silent(work: str) -> Iterator[Show]:
    """Show nothing."""
    yield lambda share, note: None


def _lines(work: str, stream: TextIO) -> Show:
    told = 0

    def show(share: float, note: str) -> None:
        nonlocal told
        if (tenths := int(share * 10 + 1e-9)) > told:
            told = tenths
            stream.write(f"{work}: {tenths * 10} %, {note}\n")
            stream.flush()

    return show
