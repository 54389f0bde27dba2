"""A deal: what it is worth, how it stands, and how long it stayed in each stage."""

from decimal import Decimal
from typing import NamedTuple

import orjson

from jorge_data.events import Event
from jorge_data.events.timestamps import happened, micros_of, office_date
from jorge_data.metrics.contacts import contact_of
from jorge_data.metrics.facts.commission import probability, share
from jorge_data.metrics.facts.measure import text
from jorge_data.metrics.facts.records import keep, newer
from jorge_data.metrics.facts.rules import Rules
from jorge_data.metrics.wording import cents, line


class Version(NamedTuple):
    """A deal as of one event: cents, and `closed` in microseconds where it is not open."""

    at: int
    seq: int
    status: str
    value: int
    stage: str
    closed: int | None
    probability: float | None


Known = tuple[int, int, str]
"""When a detail was said, and what it is."""


class Deal:
    """Remember a deal's versions, by time and seq, in whatever order they come, and the newest of its details."""

    def __init__(self, key: str) -> None:
        self.key = key
        self.versions: list[Version] = []
        self._details: dict[str, Known] = {}

    def apply(self, event: Event, rules: Rules) -> None:
        """Remember an event of this deal."""
        at, data, closed = happened(event), event.data, None
        if data["status"] != "open":
            closed_at = data.get("closed_at")
            closed = micros_of(closed_at, rules.zone) if closed_at else at
        stage, value = text(data.get("stage")), cents(data["deal_value"])
        keep(self.versions, Version(at, event.seq, data["status"], value, stage, closed, data.get("probability")))
        for detail, said in _details_in(event).items():
            if said:
                self._details[detail] = newer(self._details.get(detail), (at, event.seq, said))

    def detail(self, name: str) -> str | None:
        """Return the newest that was said of a detail."""
        known = self._details.get(name)
        return known[2] if known else None

    @property
    def newest(self) -> Version:
        return self.versions[-1]

    @property
    def stage(self) -> str:
        """Return the newest stage that was named."""
        return next((version.stage for version in reversed(self.versions) if version.stage), "")

    @property
    def chance(self) -> Decimal | None:
        """Return how likely an open deal is to be won; None where it is closed or nobody can say."""
        return None if self.newest.closed is not None else probability(self.newest.probability, self.stage)

    def commission(self, rules: Rules) -> int:
        """Return our share in cents at the rate of the day it closed; of an open deal at the newest rate."""
        closed = self.newest.closed
        rate = rules.rates.last if closed is None else rules.rates.on(office_date(closed, rules.zone))
        return share(self.newest.value, rate)

    def dump(self) -> bytes:
        """Return all that is remembered, the same bytes whatever the order of arrival."""
        return orjson.dumps((self.versions, self._details), default=tuple, option=orjson.OPT_SORT_KEYS)

    @classmethod
    def load(cls, key: str, state: bytes | None) -> "Deal":
        """Read a stored deal; without a state it is a new one."""
        deal = cls(key)
        if state:
            versions, details = orjson.loads(state)
            deal.versions = list(map(Version._make, versions))
            deal._details = {name: tuple(known) for name, known in details.items()}
        return deal


def _details_in(event: Event) -> dict[str, str]:
    data = event.data
    return {
        "name": line(data.get("name")),
        "contact_id": contact_of(event) or "",
        "lead_source": text(data.get("lead_source")),
        "pipeline": text(data.get("pipeline_id")),
        "expected_close": data.get("expected_close") or "",
    }
