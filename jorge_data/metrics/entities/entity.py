"""Entities: what outlives its events (a contact, a deal, a label, a component), its records and its stored state."""

from bisect import insort
from collections.abc import Collection, Iterable
from operator import itemgetter
from typing import Any, Literal, NamedTuple, Protocol, TypeVar

from jorge_data.events import Event
from jorge_data.metrics.entities.cube import Fact
from jorge_data.metrics.entities.status_run import Moment

R = TypeVar("R", bound=tuple[Any, ...])

RECORDS = 400
"""Most records of one sort that an entity keeps: the first half and the last half, whatever the order of arrival."""

_by_time = itemgetter(0, 1)


def insert_record(records: list[R], record: R) -> None:
    """Insert a record, which begins with its time and seq, in their order; beyond RECORDS the middle one goes."""
    if not records or _by_time(record) > _by_time(records[-1]):
        records.append(record)
    else:
        insort(records, record, key=_by_time)
    if len(records) > RECORDS:
        del records[RECORDS // 2]


def newer(current: R | None, record: R) -> R:
    """Return the later of two records, by time and then seq."""
    return record if current is None or _by_time(record) > _by_time(current) else current


Family = Literal["contact", "deal", "label", "component", "reports", "conversation", "bot", "source", "agent"]
"""`reports` are the reports of one component in one hour: states alone, whose facts belong to the component. `agent`
are people of the office, by each id that says who did something, with the name that was told last."""


class Entity(NamedTuple):
    """An entity after a batch.

    `state` replaces the stored one. `summary` replaces the entity's row in its list: JSON-ready, `at` in microseconds,
    other moments RFC 3339 in UTC, money in dollars; empty where the family has no list. `retracted` and `added`
    are the net change of its current facts, each as often as it counts, with capped dimensions.
    """

    state: bytes
    summary: dict[str, Any]
    retracted: list[Fact]
    added: list[Fact]


class Entities(Protocol):
    """Reads what earlier batches stored; all results are as of the batch before the one that is folded."""

    def load(self, family: Family, keys: Collection[str]) -> dict[str, bytes]:
        """Return the states of these entities, without those that have none."""

    def analyses(self, ids: Collection[str]) -> Iterable[Event]:
        """Return the analyses (intent_analysis_complete) of these event ids, from every source, that are not gone."""

    def gone(self, analysis: Event) -> bool:
        """Return whether an analysis has left the store: it is read from the archive now, and will not be found."""

    def kept(self, kinds: Collection[str], keys: Collection[str]) -> dict[str, list[Fact]] | None:
        """Return the stored facts of these kinds for each of these entities, as they were added.

        None where they can be computed from the states by today's rules: where rules change, a log is folded anew.
        A log that lost events cannot be, and what is retracted there must be what was once added.
        """

    def next_report(self, bot: str, after: Moment) -> Moment | None:
        """Return the next status report of a bot after a moment; None where the log has none, or has it no more."""
