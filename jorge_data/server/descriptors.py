"""Descriptors: how many files and connections this process may have open, and how many of them may be connections."""

import asyncio
import errno
import logging
import sys
from collections.abc import Callable
from typing import Any, NamedTuple

from jorge_data.errors import SettingsError

logger = logging.getLogger(__name__)

MOST_ASKED_FOR = 65_536
"""Descriptors that are asked for: a hard limit may be a billion, and some libraries close that many one by one."""

OWN = 56
"""Descriptors that are no connections: 34 of an idle server (the store's connections have two or three each), the
archive's days, Redis, GoHighLevel, and the connections that are accepted before the first of them is looked at."""

RESERVE = 128
"""The same where there are enough."""

LEAST = 64
"""Fewest descriptors that a server starts with."""

BACKLOG = 2048
"""Most connections that wait to be accepted."""

USED_UP = "the descriptors of this process are used up: new connections are turned away, and asked to come back"


class Descriptors(NamedTuple):
    """How many descriptors this process may have open."""

    limit: int

    @property
    def for_connections(self) -> int:
        """Most connections at once."""
        spare = max(RESERVE, min(self.limit // 4, BACKLOG))
        return self.limit - max(OWN, min(self.limit // 2, spare))

    def backlog(self, most: int) -> int:
        """Return how many may wait to be accepted beside so many connections: one turn of the loop accepts them all."""
        return max(4, min(BACKLOG, (self.limit - most) // 3))


def raise_limit() -> Descriptors:
    """Ask the system for as many descriptors as it gives us; return how many these are.

    Raise SettingsError where these are too few to serve anybody.
    """
    if sys.platform == "win32":  # sockets are no descriptors there
        return Descriptors(MOST_ASKED_FOR)
    import resource  # of Unix alone

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_ASKED_FOR if hard == resource.RLIM_INFINITY else min(MOST_ASKED_FOR, hard)
    if soft == resource.RLIM_INFINITY or soft >= MOST_ASKED_FOR:
        return Descriptors(MOST_ASKED_FOR)
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    if wanted < LEAST:
        raise SettingsError("`ulimit -n`", wanted, f"{LEAST} or more")
    return Descriptors(wanted)


def tell_of_descriptors(loop: asyncio.AbstractEventLoop, used_up: Callable[[], None]) -> None:
    """Call `used_up` and write one sentence, not a traceback, where the loop could accept no connection."""

    def handle(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception")
        if isinstance(error, OSError) and error.errno in (errno.EMFILE, errno.ENFILE):
            logger.error("a connection could not be accepted: %s", error.strerror)
            used_up()
        else:
            loop.default_exception_handler(context)

    loop.set_exception_handler(handle)
