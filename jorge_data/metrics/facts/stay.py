"""A stay: a deal's time in one stage."""

from collections.abc import Iterable
from typing import NamedTuple

from jorge_data.metrics.facts.deal import Version


class Stay(NamedTuple):
    """A deal's time in a stage, in microseconds; `left` is None while it is there."""

    stage: str
    entered: int
    left: int | None = None


def stays_of(versions: Iterable[Version]) -> list[Stay]:
    """Return the stays in named stages, in order.

    A close ends the last stay (the newest word on the close counts) and begins none, whatever stage it names; the
    next open version begins another, in the stage it names or else where the deal was.
    """
    stays: list[Stay] = []
    was_closed = False
    for version in versions:
        if version.closed is not None:
            _leave(stays, version.closed)
        elif stage := _entered(stays, version.stage, was_closed):
            if not was_closed:
                _leave(stays, version.at)
            stays.append(Stay(stage, version.at))
        was_closed = version.closed is not None
    return stays


def _entered(stays: list[Stay], named: str, was_closed: bool) -> str:
    """Return the stage that an open version begins a stay in, "" where it begins none."""
    here = stays[-1].stage if stays else ""
    return named or here if was_closed or (named and named != here) else ""


def _leave(stays: list[Stay], at: int) -> None:
    if stays:
        # A close may be dated before the stage was entered: nobody stays less than no time.
        stays[-1] = stays[-1]._replace(left=max(at, stays[-1].entered))
