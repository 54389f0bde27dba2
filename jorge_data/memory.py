"""The process's memory: what would grow in some later hour grows at the start, so that it stays flat for months."""

import ctypes
import sys

_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -3, -8
"""glibc's names for what `mallopt` sets (malloc.h)."""

LARGE = 128 << 10
ARENAS = 2

NAMES = 1 << 17
"""More strings than Python's intern table has room for in a process that has loaded our modules."""


def limit_malloc() -> None:
    """Keep glibc from raising its own thresholds and from opening an arena for each thread; elsewhere do nothing.

    Left to itself it answers the first freed megabyte by taking all later ones from the heap,
    which they then hold open: 4 MB more after 360,000 events, and none with this (`docs/decisions.md`).
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None) if sys.platform == "linux" else None
    if mallopt is not None:
        for name, value in ((_MMAP_THRESHOLD, LARGE), (_TRIM_THRESHOLD, LARGE), (_ARENA_MAX, ARENAS)):
            mallopt(name, value)


def presize_intern_table() -> None:
    """Let Python's table of interned strings grow now, when all modules are loaded: it never shrinks.

    Strings that come and go fill it, and it is then rebuilt with room for three times those that remain: 1.9 MB, in a
    dashboard's second hour. Early releases of Python 3.12 never free an interned string: there this does nothing.
    """
    if (3, 12) <= sys.version_info < (3, 12, 6):
        return
    for number in range(NAMES):
        sys.intern(f"name {number}")
