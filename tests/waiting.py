"""Waiting for what another process does."""

import time
from collections.abc import Callable
from subprocess import Popen

PATIENCE_S = 60.0  # costs only where something fails; the machine may be busy with other work


def wait_until(condition: Callable[[], bool], patience_s: float = PATIENCE_S) -> None:
    """Return when something has come true; fail where it does not."""
    deadline = time.monotonic() + patience_s
    while not condition():
        assert time.monotonic() < deadline, "it never came true"
        time.sleep(0.02)  # between two checks


def wait_for_start(
    process: Popen[bytes], answers: Callable[[], bool], log: Callable[[], str], patience_s: float = PATIENCE_S
) -> None:
    """Return when a process that was started answers; fail with its log where it ends before, or never does."""
    deadline = time.monotonic() + patience_s
    while not answers():
        assert process.poll() is None, log()
        assert time.monotonic() < deadline, log()
        time.sleep(0.02)  # between two checks


def end(process: Popen[bytes], signal: int) -> None:
    """Send a process a signal, wait until it has ended and close its pipe; one that does not end is killed."""
    process.send_signal(signal)
    try:
        process.wait(PATIENCE_S)
    finally:
        process.kill()
        process.wait()
        if process.stdin:
            process.stdin.close()
