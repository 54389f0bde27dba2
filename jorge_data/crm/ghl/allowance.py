"""How much more the API may be asked now, by the headers of its last answer."""

from collections.abc import Mapping
from dataclasses import dataclass

RESERVE = 10
"""Requests of a window that are left to whoever else uses the same token."""

DAILY_RESERVE = 1000

LONGEST_WAIT_S = 120.0


@dataclass(frozen=True)
class Allowance:
    """What is left of a window (100 requests in 10 s, as documented) and of the day (200,000)."""

    in_window: int | None = None
    window_s: float = 10.0
    in_day: int | None = None
    retry_after_s: float | None = None

    @classmethod
    def of(cls, headers: Mapping[str, str]) -> "Allowance":
        """Read an answer's headers; what is missing or no number is not known."""
        window_ms = _number(headers.get("X-RateLimit-Interval-Milliseconds"))
        return cls(
            in_window=_number(headers.get("X-RateLimit-Remaining")),
            window_s=window_ms / 1000 if window_ms else 10.0,
            in_day=_number(headers.get("X-RateLimit-Daily-Remaining")),
            retry_after_s=_number(headers.get("Retry-After")),
        )

    @property
    def is_spent_for_today(self) -> bool:
        return self.in_day is not None and self.in_day <= DAILY_RESERVE

    def wait_s(self) -> float:
        """Return how long to wait before the next request: a whole window where this one is all but used up."""
        if self.in_window is None or self.in_window > RESERVE:
            return 0.0
        return min(self.window_s, LONGEST_WAIT_S)


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else None
