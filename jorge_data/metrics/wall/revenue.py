"""Revenue: open deals, deals won, and our commission on them, in whole cents."""

from collections.abc import Container
from typing import Any, NamedTuple

from jorge_data.events import Event
from jorge_data.events.money import cents
from jorge_data.events.timestamps import DAY, micros_of
from jorge_data.metrics.targets import Targets

RETENTION = 100 * DAY


class OpenOrWonDeal(NamedTuple):
    """A deal's newest state; `closed_at` is when it was won, lost or given up, 0 while it is open.

    `commission` follows from the other fields and the rates, and is never part of a checkpoint.
    """

    at: int
    status: str
    value: int
    closed_at: int
    commission: int

    @property
    def open(self) -> bool:
        return self.status == "open"


class Revenue:
    """Keep every open deal, and closed ones for 100 days."""

    def __init__(self, targets: Targets) -> None:
        self._targets = targets
        self._deals: dict[str, OpenOrWonDeal] = {}
        self._open_value = 0
        self._open_commission = 0

    def apply(self, event: Event, at: int) -> None:
        data = event.data
        was = self._deals.get(data["deal_id"])
        if was is not None and at < was.at:
            return
        deal = self._deal(at, data["status"], cents(data["deal_value"]), closed_at(data, at, self._targets))
        self._deals[data["deal_id"]] = deal
        self._count(deal, 1)
        if was is not None:
            self._count(was, -1)

    @property
    def pipeline_value(self) -> int | None:
        """Return the sum of open deals' values, None before the first deal."""
        return self._open_value if self._deals else None

    @property
    def commission_pipeline(self) -> int | None:
        """Return our commission if every open deal were won."""
        return self._open_commission if self._deals else None

    @property
    def target(self) -> int:
        """Return the commission to win in a month."""
        return cents(self._targets.monthly_target)

    def won(self, first: int, end: int) -> int | None:
        """Return our commission on the deals won in a span of time, None before the first deal."""
        deals = self._deals.values()
        won = sum(deal.commission for deal in deals if deal.status == "won" and first <= deal.closed_at < end)
        return won if self._deals else None

    def expire(self, at: int, contacts: Container[str]) -> None:
        """Forget closed deals whose newest event is more than 100 days old."""
        self._deals = {name: deal for name, deal in self._deals.items() if deal.open or deal.at >= at - RETENTION}

    def dump(self) -> dict[str, Any]:
        return {name: [deal.at, deal.status, deal.value, deal.closed_at] for name, deal in self._deals.items()}

    def load(self, dump: dict[str, Any]) -> None:
        self._deals = {name: self._deal(*row) for name, row in dump.items()}
        self._open_value = self._open_commission = 0
        for deal in self._deals.values():
            self._count(deal, 1)

    def _deal(self, at: int, status: str, value: int, closed: int) -> OpenOrWonDeal:
        return OpenOrWonDeal(at, status, value, closed, self._targets.commission(value, closed or None))

    def _count(self, deal: OpenOrWonDeal, sign: int) -> None:
        if deal.open:
            self._open_value += sign * deal.value
            self._open_commission += sign * deal.commission


def closed_at(data: dict[str, Any], at: int, targets: Targets) -> int:
    """Return when a deal was closed, as given or else by the event's time; 0 while it is open."""
    if data["status"] == "open":
        return 0
    given = data.get("closed_at")
    return micros_of(given, targets.zone) if given else at
