"""Waiting for what another process does."""

import time
from collections.abc import Callable

PATIENCE_S = 60.0  # costs only where something fails; the machine may be busy with other work


def wait_until(condition: Callable[[], bool], patience_s: float = PATIENCE_S) -> None:
    """Return when something has come true; fail where it does not."""
    deadline = time.monotonic() + patience_s
    while not condition():
        assert time.monotonic() < deadline, "it never came true"
        time.sleep(0.02)  # between two looks
