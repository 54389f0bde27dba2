"""When two figures agree: exactly, to the rounding of floats, or within what a sketch promises."""

from collections.abc import Mapping
from math import isclose

ROUNDING = 1e-11
SKETCHED = 0.01
"""Percentiles are right to 1 %."""

Figure = float | None


def agree(shown: Figure, expected: Figure, within: float = ROUNDING) -> None:
    """Assert that a figure is the expected one; None, which is no data, is only None."""
    if shown is None or expected is None:
        assert shown is None, f"{shown} shown where there are no data"
        assert expected is None, f"no data shown, but {expected} is expected"
    else:
        assert isclose(shown, float(expected), rel_tol=within, abs_tol=1e-12), f"{shown} shown, {expected} expected"


def agree_all(shown: Mapping[str, Figure], expected: Mapping[str, Figure], within: float = ROUNDING) -> None:
    """Assert that figures by name are the expected ones, none missing and none besides."""
    assert shown.keys() == expected.keys()
    for name, value in expected.items():
        agree(shown[name], value, within)
