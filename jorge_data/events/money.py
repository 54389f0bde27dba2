"""Money: the one rounding of dollars to cents."""

from decimal import ROUND_HALF_EVEN, Decimal

_CENT = Decimal("0.01")


def cents(dollars: float) -> int:
    """Return US dollars as whole cents, a half going to the even cent."""
    # By the digits that the number is written with: 1.015 × 100 is 101.49999999999999 in binary.
    return int(Decimal(str(dollars)).quantize(_CENT, ROUND_HALF_EVEN) * 100)
