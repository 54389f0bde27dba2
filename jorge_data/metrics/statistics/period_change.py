"""Change: a figure beside the same figure of the period before."""

from typing import Literal, NamedTuple


class PeriodChange(NamedTuple):
    """A figure now and before; `absolute` in its own unit, `relative` as a share of before."""

    now: float | None
    before: float | None
    absolute: float | None
    relative: float | None

    @property
    def direction(self) -> Literal["up", "down", "level"] | None:
        """Return which way it went, None where one of the two is not known."""
        if self.absolute is None:
            return None
        return "up" if self.absolute > 0 else "down" if self.absolute < 0 else "level"


def change(now: float | None, before: float | None) -> PeriodChange:
    """Compare two periods: relative is None where before is None or 0, absolute where either is None."""
    if now is None or before is None:
        return PeriodChange(now, before, None, None)
    return PeriodChange(now, before, now - before, (now - before) / abs(before) if before else None)
