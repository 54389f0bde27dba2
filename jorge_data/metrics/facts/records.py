"""Records: what an entity remembers of its events, in the order in which they happened."""

from bisect import insort
from operator import itemgetter
from typing import Any, TypeVar

R = TypeVar("R", bound=tuple[Any, ...])

RECORDS = 400
"""Most records of one sort that an entity keeps: the first half and the last half, whatever the order of arrival."""

_by_time = itemgetter(0, 1)


def keep(records: list[R], record: R) -> None:
    """Put a record, which begins with its time and seq, in its place; beyond RECORDS the middle one goes."""
    if not records or _by_time(record) > _by_time(records[-1]):
        records.append(record)
    else:
        insort(records, record, key=_by_time)
    if len(records) > RECORDS:
        del records[RECORDS // 2]


def newer(known: R | None, record: R) -> R:
    """Return the later of two records."""
    return record if known is None or _by_time(record) > _by_time(known) else known
