"""Episodes of a figure that is beyond its limit, from readings at the end of each step of time."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from jorge_data.metrics.alerts.evaluation import Episode
from jorge_data.metrics.alerts.rule import NoData, Threshold


class Reading(NamedTuple):
    """A figure of one step of time (microseconds), of `n` events; `value` is None where there is none."""

    start: int
    end: int
    value: float | None
    n: int


def beyond(threshold: Threshold, readings: Iterable[Reading], no_data: NoData, subject: str) -> Iterator[Episode]:
    """Yield each time in which readings, which follow one another, were beyond the limit.

    A reading is known at its end: then an episode begins, or ends. A few events that are beyond it are no data, and a
    few that are not end it.
    """
    began: int | None = None
    for reading in readings:
        if reading.value is not None and not threshold.is_beyond(reading.value):
            holds = False
        elif reading.value is not None and reading.n >= threshold.fewest:
            holds = True
        else:
            holds = {"alert": True, "hold": began is not None, "fine": False}[no_data]
        if holds and began is None:
            began = reading.end
        elif not holds and began is not None:
            yield Episode(subject, began, reading.end)
            began = None
    if began is not None:
        yield Episode(subject, began)
