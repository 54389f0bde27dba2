"""Commission: our share of a deal's value at the rate that holds on a day, in whole cents, and how likely it is."""

import re
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation

from jorge_data.events import parse_date

ALLOWED = "allowed: <date>=<share over 0 up to 1>, comma-separated, as in 2025-01-01=0.05,2026-07-01=0.055"

PROBABILITIES = {
    "prospect": Decimal("0.10"),
    "qualified": Decimal("0.25"),
    "showing": Decimal("0.40"),
    "offer": Decimal("0.65"),
    "under_contract": Decimal("0.90"),
    "closed": Decimal("1.0"),
}
"""How likely an open deal of a stage is to be won, where the deal does not say (Jorge's forecast rules)."""


@dataclass(frozen=True)
class CommissionRates:
    """The commission rate of every day: `first` before all dates, then each rate from its date on."""

    first: Decimal = Decimal("0.06")
    later: tuple[tuple[date, Decimal], ...] = ()

    @classmethod
    def parse(cls, first: float, text: str = "") -> "CommissionRates":
        """Read the settings' rates; raise ValueError that names the part that is wrong and what is allowed."""
        parts = [part.strip() for part in text.split(",") if part.strip()]
        later = sorted(_parse_rate(part) for part in parts)
        if len({day for day, _ in later}) < len(later):
            raise ValueError(f"{text!r} names a date twice; {ALLOWED}")
        return cls(Decimal(str(first)), tuple(later))

    @property
    def last(self) -> Decimal:
        """Return the newest rate, which holds for open deals."""
        return self.later[-1][1] if self.later else self.first

    def on(self, day: date) -> Decimal:
        """Return the rate that holds on a day of the office."""
        return next((rate for since, rate in reversed(self.later) if since <= day), self.first)


def share(cents: int, rate: Decimal) -> int:
    """Return a share of an amount in whole cents, a half going to the even cent."""
    return int((cents * rate).quantize(Decimal(1), ROUND_HALF_EVEN))


def stage_key(stage: str) -> str:
    """Return a stage's name as it is counted, the same however it is spelled: "Under Contract" is "under_contract"."""
    return re.sub(r"[\s_-]+", "_", stage.strip().lower())


def probability(given: float | None, stage: str) -> Decimal | None:
    """Return how likely an open deal is to be won: as given, else by the name of its stage, else None."""
    if given is not None:
        return Decimal(str(given))
    return PROBABILITIES.get(stage_key(stage))


def _parse_rate(part: str) -> tuple[date, Decimal]:
    day, equals, rate = part.partition("=")
    try:
        parsed = parse_date(day.strip()), Decimal(rate.strip())
    except (ValueError, InvalidOperation):
        raise ValueError(f"{part!r} is not a rate with its date; {ALLOWED}") from None
    if not equals or not 0 < parsed[1] <= 1:
        raise ValueError(f"{part!r} is not a share over 0 up to 1; {ALLOWED}")
    return parsed
