"""The delivery of a message, as one `message_id` is told of it again and again."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

RANKS: Mapping[Any, int] = MappingProxyType(
    {"queued": 1, "sent": 2, "failed": 3, "undelivered": 3, "bounced": 3, "delivered": 4, "read": 5}
)
"""Which of two statuses is the newer one, however they arrive: what was delivered after all did not fail."""

FAILED = 3
"""The rank of what reached nobody."""

FAILURES = frozenset(status for status, rank in RANKS.items() if rank == FAILED)


def has_reached_at(rank: int) -> bool:
    """Return whether a message whose newest status has this rank reached somebody; 0 is one without a status."""
    return rank == 0 or rank >= RANKS["delivered"]


def has_reached(data: dict[str, Any]) -> bool:
    """Return whether a message reached somebody: it was delivered, or its sender never says whether it was."""
    return has_reached_at(RANKS.get(data.get("delivery"), 0))
