"""Entities: what outlives its events (a contact, a deal, a label, a component), and where its states are kept."""

from collections.abc import Collection
from typing import Any, Literal, NamedTuple, Protocol

from jorge_data.events import Event
from jorge_data.metrics.entities.cube import Fact

Family = Literal["contact", "deal", "label", "component", "reports", "conversation"]
"""`reports` are the reports of one component in one hour: states alone, whose facts belong to the component."""


class Entity(NamedTuple):
    """An entity as a batch has left it.

    `state` replaces the stored one. `summary` replaces the entity's row in its list: JSON-ready, `at` in microseconds,
    other moments RFC 3339 in UTC, money in dollars; empty where the family has no list. `retracted` and `added`
    are the net change of its current facts, each as often as it counts, with capped dimensions.
    """

    state: bytes
    summary: dict[str, Any]
    retracted: list[Fact]
    added: list[Fact]


class Entities(Protocol):
    """Read what earlier batches left; all answers are as of the batch before the one that is folded."""

    def load(self, family: Family, keys: Collection[str]) -> dict[str, bytes]:
        """Return the states of those of these entities that have one."""

    def analysis(self, ids: Collection[str]) -> dict[str, Event]:
        """Return the analyses (intent_analysis_complete) of these event ids, of two with one id that of the least seq.

        An analysis that is committed but not folded yet may be among them.
        """

    def kept(self, kinds: Collection[str], keys: Collection[str]) -> dict[str, list[Fact]] | None:
        """Return the facts of these kinds with which each of these entities counts, as they were added.

        None where those are what its state says by today's rules: where rules change, a log is folded anew. One that
        lost events cannot be, and what is retracted there must be what was once added.
        """

    def pending(self, ids: Collection[str]) -> set[str]:
        """Return at least those of these analyses' ids whose label has a state but no analysis yet."""
