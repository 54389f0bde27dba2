"""The delivery of a message, as one `message_id` is told of it again and again."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

RANKS: Mapping[Any, int] = MappingProxyType(
    {"queued": 1, "sent": 2, "failed": 3, "undelivered": 3, "delivered": 4, "bounced": 5, "read": 6}
)
"""Which of two statuses is the newer one, however they arrive: what was delivered after all did not fail, and what the
reader's server took may still come back."""

FAILURES = frozenset(("failed", "undelivered", "bounced"))
"""The statuses of what reached nobody."""

_FAILED_RANKS = frozenset(RANKS[status] for status in FAILURES)


def has_failed_at(rank: int) -> bool:
    """Return whether a message whose newest status has this rank reached nobody."""
    return rank in _FAILED_RANKS


def has_reached_at(rank: int) -> bool:
    """Return whether a message whose newest status has this rank reached somebody; 0 is one without a status."""
    return rank == 0 or (rank >= RANKS["delivered"] and not has_failed_at(rank))


def has_reached(data: dict[str, Any]) -> bool:
    """Return whether a message reached somebody: it was delivered, or its sender never says whether it was."""
    return has_reached_at(RANKS.get(data.get("delivery"), 0))
