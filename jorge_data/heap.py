"""The process's heap: glibc is told to give large blocks back, so that a process that runs for months stays flat."""

import ctypes
import sys

_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -3, -8
"""glibc's names for what `mallopt` sets (malloc.h)."""

LARGE = 128 << 10
ARENAS = 2


def steady() -> None:
    """Keep glibc from raising its own thresholds and from an arena a thread; elsewhere do nothing.

    Left to itself it answers the first freed megabyte (a checkpoint's JSON) by taking all later ones from the heap,
    which they then hold open: 4 MB more after 360,000 events, and none with this (`docs/decisions.md`).
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None) if sys.platform == "linux" else None
    if mallopt is not None:
        for name, value in ((_MMAP_THRESHOLD, LARGE), (_TRIM_THRESHOLD, LARGE), (_ARENA_MAX, ARENAS)):
            mallopt(name, value)
