"""Revenue: open deals, deals won, and our commission on them, in whole cents."""

from collections.abc import Container
from typing import Any, NamedTuple

from jorge_data.events import Event
from jorge_data.metrics.clock import DAY, micros_of
from jorge_data.metrics.targets import Targets
from jorge_data.metrics.wording import cents

KEPT = 100 * DAY


class Deal(NamedTuple):
    """A deal's newest state; `closed_at` is when it was won, lost or given up, 0 while it is open."""

    at: int
    status: str
    value: int
    closed_at: int


class Revenue:
    """Keep every open deal, and closed ones for 100 days."""

    def __init__(self, targets: Targets) -> None:
        self._targets = targets
        self._deals: dict[str, Deal] = {}
        self._open_value = 0

    def apply(self, event: Event, at: int) -> None:
        data = event.data
        was = self._deals.get(data["deal_id"])
        if was is not None and at < was.at:
            return
        deal = Deal(at, data["status"], cents(data["deal_value"]), self._closed_at(data, at))
        self._deals[data["deal_id"]] = deal
        self._open_value += _open_value(deal) - (_open_value(was) if was else 0)

    @property
    def known(self) -> bool:
        return bool(self._deals)

    @property
    def pipeline_value(self) -> int | None:
        """Return the sum of open deals' values, None before the first deal."""
        return self._open_value if self._deals else None

    @property
    def commission_pipeline(self) -> int | None:
        """Return our commission if every open deal were won."""
        return self.commission(self._open_value) if self._deals else None

    @property
    def target(self) -> int:
        """Return the commission to win in a month."""
        return cents(self._targets.monthly_target)

    def won(self, first: int, end: int) -> int | None:
        """Return our commission on the deals won in a span of time, None before the first deal."""
        deals = self._deals.values()
        value = sum(deal.value for deal in deals if deal.status == "won" and first <= deal.closed_at < end)
        return self.commission(value) if self._deals else None

    def commission(self, value: int) -> int:
        """Return our share of a value."""
        return round(value * self._targets.commission_rate)

    def expire(self, at: int, known: Container[str]) -> None:
        """Forget deals that closed, and were last heard of, more than 100 days ago."""
        self._deals = {
            name: deal for name, deal in self._deals.items() if deal.status == "open" or deal.at >= at - KEPT
        }

    def dump(self) -> dict[str, Any]:
        return {name: list(deal) for name, deal in self._deals.items()}

    def load(self, dump: dict[str, Any]) -> None:
        self._deals = {name: Deal(*row) for name, row in dump.items()}
        self._open_value = sum(map(_open_value, self._deals.values()))

    def _closed_at(self, data: dict[str, Any], at: int) -> int:
        if data["status"] == "open":
            return 0
        closed_at = data.get("closed_at")
        return micros_of(closed_at, self._targets.zone) if closed_at else at


def _open_value(deal: Deal) -> int:
    return deal.value if deal.status == "open" else 0
