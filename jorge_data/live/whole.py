"""A whole table: every page of a question's rows, up to a bound."""

from dataclasses import replace
from typing import NamedTuple

import pandas as pd

from jorge_data.live.question import Rows
from jorge_data.live.questions import Questions

PAGE = 1000
"""The most rows that the server gives at once."""


class Whole(NamedTuple):
    """All rows in one frame; `complete` is False where there are more than the bound, and the rest was left out."""

    frame: pd.DataFrame
    complete: bool
    stale: str | None


def whole(questions: Questions, rows: Rows, most: int = 20_000) -> Whole:
    """Read page after page, in the order of the question; raise RequestRefused."""
    frames: list[pd.DataFrame] = []
    following, stale = replace(rows, limit=PAGE, cursor=""), None
    while True:
        table = questions.table(following)
        frames.append(table.frame)
        stale = stale or table.stale
        if table.next is None or len(frames) * PAGE >= most:
            return Whole(pd.concat(frames, ignore_index=True), table.next is None, stale)
        following = replace(following, cursor=table.next)
