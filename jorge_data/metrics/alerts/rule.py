"""Alert rules: what each watches for, for how long that must hold, and what no data means."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

from jorge_data.events.timestamps import DAY

Severity = Literal["critical", "high", "normal"]
NoData = Literal["alert", "hold", "fine"]
"""What a reading without data means: the rule's condition holds, stays as it was, or does not hold."""


class Threshold(NamedTuple):
    """A figure of a kind of event in steps of time, and the value beyond which it is too much, or too little.

    A step of fewer than `fewest` events begins nothing. `where` are (dimension, allowed values).
    """

    kind: str
    measure: str
    agg: Literal["p95", "mean", "share"]
    step: int
    limit: float
    above: bool
    fewest: int
    about: str = ""
    where: tuple[tuple[str, tuple[str, ...]], ...] = ()

    def is_beyond(self, value: float) -> bool:
        """Return whether a value is beyond the limit."""
        return value > self.limit if self.above else value < self.limit


class Silence(NamedTuple):
    """A bot, another source, or all of them, heard of less than is usual at that hour of the week."""

    of: Literal["bots", "sources", "all"]


class Waiting(NamedTuple):
    """Something that waits for a person: about a contact, a component that is down, a deal in one stage."""

    item: Literal["hot", "callback", "optout", "component", "deal"]


Watched = Threshold | Silence | Waiting


@dataclass(frozen=True)
class AlertRule:
    """A rule: what it watches for, and how long that must hold before it rings (`wait`, microseconds).

    With `office_hours` the wait runs only while the office is open. Nobody who acts within `attended_within` has
    ignored it.
    """

    name: str
    title: str
    words: str
    watched: Watched
    severity: Severity = "high"
    wait: int = 0
    office_hours: bool = False
    no_data: NoData = "hold"
    attended_within: int = DAY


NO_DATA_WORDS: Mapping[NoData, str] = {
    "alert": "Without data it rings.",
    "hold": "Without data nothing is claimed: it stays as it was.",
    "fine": "Without data it does not ring.",
}
"""What no data means, in words."""
