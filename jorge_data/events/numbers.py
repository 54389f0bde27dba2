"""Numbers in texts from outside: ASCII digits alone, for int() and float() also take `1_0`, `١٠` and `nan`."""

import math
import re

_DECIMAL = re.compile(r"-?(?:[0-9]{1,40}(?:\.[0-9]{0,40})?|\.[0-9]{1,40})(?:[eE][-+]?[0-9]{1,3})?")
_MOST_DIGITS = 18
"""So many digits always fit into SQLite's integers."""


def read_whole(text: str | None) -> int | None:
    """Return a whole number of at most 18 digits and no sign, None where the text is none."""
    if not text or not text.isascii() or not text.isdigit() or len(text) > _MOST_DIGITS:
        return None
    return int(text)


def read_decimal(text: str) -> float | None:
    """Return a number as JSON spells it, None where the text is none, or one that no float holds, as `1e400`."""
    number = float(text) if _DECIMAL.fullmatch(text) else math.inf
    return number if math.isfinite(number) else None
