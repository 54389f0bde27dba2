"""The progress of a long task: a bar on a terminal, a line for each tenth where the output is no terminal."""

import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TextIO

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

ShowProgress = Callable[[float, str], None]
"""Called with the share that is done (0–1), and with a note of what that is, as in "1,200 events"."""

StartProgress = Callable[[str], AbstractContextManager[ShowProgress]]
"""Starts to show the progress of a task of this name, until the block ends."""


@contextmanager
def progress(task: str, stream: TextIO | None = None) -> Iterator[ShowProgress]:
    """Show the progress of a task on a stream, standard error by default, until the block ends."""
    stream = stream or sys.stderr
    if not stream.isatty():
        yield _lines(task, stream)
        return
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TextColumn("{task.fields[note]}"))
    with Progress(*columns, TimeRemainingColumn(), console=Console(file=stream)) as bar:
        task_id = bar.add_task(task, total=1.0, note="")
        yield lambda share, note: bar.update(task_id, completed=share, note=note)


@contextmanager
def silent(task: str) -> Iterator[ShowProgress]:
    """Show nothing."""
    yield lambda share, note: None


def _lines(task: str, stream: TextIO) -> ShowProgress:
    shown = 0

    def show(share: float, note: str) -> None:
        nonlocal shown
        if (tenths := int(share * 10 + 1e-9)) > shown:
            shown = tenths
            stream.write(f"{task}: {tenths * 10} %, {note}\n")
            stream.flush()

    return show
