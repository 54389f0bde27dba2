"""Values of events as dimensions and measures."""

from typing import Any

from jorge_data.metrics.facts.cube import SCALE

MAX_TEXT = 64
LARGEST = 10**15
"""Greatest scaled value (a billion of its unit): what a publisher claims beyond is counted but not measured."""


def text(value: Any) -> str:
    """Return a value as a dimension: at most 64 characters, "" where there is none."""
    if type(value) is str:
        return value[:MAX_TEXT]
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value:g}" if isinstance(value, float) else str(value)[:MAX_TEXT]


def scaled(value: float, scale: int = SCALE) -> int | None:
    """Return a number as a scaled integer, None where it is not one, or larger than is believable."""
    if not -LARGEST <= value <= LARGEST:
        return None
    integer = round(value * scale)
    return integer if -LARGEST <= integer <= LARGEST else None
