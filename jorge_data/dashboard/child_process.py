"""The programs that this process starts and that end with it: the embedded event server and the demo bots."""

import contextlib
import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Sequence

from jorge_data.backoff import Attempts, Backoff

BACKOFF, HEALTHY_S = Backoff(), 60.0
"""A program that ran so long did not fail at its start: the next start waits a second at most."""

GRACE_S = 3.0

_log = logging.getLogger(__name__)


def command(*arguments: str) -> list[str]:
    """Return the command line of our own program."""
    return [sys.executable, "-m", "jorge_data", *arguments]


class Child:
    """Run a program until stopped; when we end, in whatever way, its standard input is closed, and it ends too.

    A child that exits with code 0 has done its work; any other exit is logged, and the child is started again.
    """

    def __init__(self, name: str, command_line: Sequence[str], backoff: Backoff = BACKOFF) -> None:
        self.name = name
        self._command, self._attempts = list(command_line), Attempts(backoff, HEALTHY_S)
        self._stopping = threading.Event()
        self._lock = threading.Lock()  # guards _process against a start while stopping
        self._process: subprocess.Popen[bytes] | None = None
        self._thread = threading.Thread(target=self._watch, name=f"child-{name}", daemon=True)

    @property
    def exit_code(self) -> int | None:
        """Return the last exit code; None while the program runs."""
        return self._process.poll() if self._process else None

    def start(self) -> None:
        self._spawn()
        self._thread.start()

    def stop(self) -> None:
        """End the program and wait for it: close its input, then send SIGTERM, then SIGKILL."""
        self._stopping.set()
        with self._lock:
            process = self._process
        if process is None:
            return
        _close_input(process)
        for end in (process.terminate, process.kill):
            try:
                process.wait(GRACE_S)
                break
            except subprocess.TimeoutExpired:
                end()
        process.wait()
        if self._thread.is_alive():
            self._thread.join(GRACE_S)

    def _spawn(self) -> None:
        # A session of its own: Ctrl-C at the terminal reaches us alone, and we end it in order.
        with self._lock:
            if not self._stopping.is_set():
                environment = {**os.environ, "JORGE_CHILD": "1"}
                self._process = subprocess.Popen(
                    self._command, stdin=subprocess.PIPE, env=environment, start_new_session=True
                )

    def _watch(self) -> None:
        while True:
            assert self._process is not None
            self._attempts.connected(time.monotonic())
            code = self._process.wait()
            _close_input(self._process)
            if self._stopping.is_set() or code == 0:
                return
            delay = self._attempts.failed(time.monotonic())
            _log.warning("%s ended with code %s; it is started again in %.1f s", self.name, code, delay)
            if self._stopping.wait(delay):
                return
            self._spawn()


def _close_input(process: subprocess.Popen[bytes]) -> None:
    if process.stdin is not None:
        with contextlib.suppress(OSError):
            process.stdin.close()


def run_command(*arguments: str) -> str:
    """Run our own program once and return the one line that it prints."""
    result = subprocess.run(command(*arguments), capture_output=True, text=True, timeout=30, check=True)
    return result.stdout.strip()
