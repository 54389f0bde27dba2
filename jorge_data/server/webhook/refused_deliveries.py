"""Refused deliveries: of each vendor why, how often, and when; for whoever sets up a webhook that does not arrive."""

from collections import OrderedDict, defaultdict
from datetime import datetime
from typing import Any, NamedTuple

from jorge_data.errors import RequestRefused

MOST_REASONS = 20
"""Reasons of one vendor in memory; of more, the one that was heard longest ago is dropped."""

LONGEST_REASON = 400


class RefusedDelivery(NamedTuple):
    """Deliveries of a vendor that were refused alike."""

    why: str
    code: str
    times: int
    first: datetime
    last: datetime


class RefusedDeliveries:
    """Counted since this process began, in memory; event loop only.

    What was refused is of nobody yet, so no office has it. Its reason quotes no header, and so no secret; nothing is
    kept of its body.
    """

    def __init__(self) -> None:
        self._by_vendor: defaultdict[str, OrderedDict[str, RefusedDelivery]] = defaultdict(OrderedDict)

    def add(self, vendor: str, refused: RequestRefused, at: datetime) -> None:
        """Count a refusal, by its reason."""
        why, reasons = refused.detail[:LONGEST_REASON], self._by_vendor[vendor]
        before = reasons.pop(why, None)
        reasons[why] = (
            RefusedDelivery(why, refused.code, 1, at, at)
            if before is None
            else before._replace(times=before.times + 1, last=at)
        )
        if len(reasons) > MOST_REASONS:
            reasons.popitem(last=False)

    def of(self, vendor: str) -> list[dict[str, Any]]:
        """Return a vendor's as `/api/sources` writes them, the newest first."""
        return [each._asdict() for each in reversed(self._by_vendor.get(vendor, OrderedDict()).values())]
