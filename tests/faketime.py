"""Debian's faketime for processes of tests: what makes their clock wrong, and nothing else of them."""

from pathlib import Path

import pytest

_LIBRARY = next(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"), None)


def clock_off_by(offset: str) -> dict[str, str]:
    """Return the environment of a process whose clock is off, as by "-3h"; skip where faketime is not installed."""
    if _LIBRARY is None:
        pytest.skip("faketime is not installed")
    # What measures time is left alone: a wrong clock does not make seconds longer.
    return {"LD_PRELOAD": str(_LIBRARY), "FAKETIME": offset, "FAKETIME_DONT_FAKE_MONOTONIC": "1", "NO_FAKE_STAT": "1"}
