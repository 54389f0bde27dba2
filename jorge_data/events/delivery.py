"""The delivery of a message, as one `message_id` is told of it again and again."""

from typing import Any

RANKS = {"queued": 1, "sent": 2, "failed": 3, "undelivered": 3, "bounced": 3, "delivered": 4, "read": 5}
"""Which of two statuses is the newer one, however they arrive: what was delivered after all did not fail."""

REACHED = frozenset({"delivered", "read"})
FAILED = frozenset({"failed", "undelivered", "bounced"})


def has_reached(data: dict[str, Any]) -> bool:
    """Return whether a message reached somebody: it was delivered, or its sender never says whether it was."""
    delivery = data.get("delivery")
    return delivery is None or delivery in REACHED
