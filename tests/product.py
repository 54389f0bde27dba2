"""The whole product in processes of its own, for tests: event server, dashboard, and a real Chromium to look at it."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

import pytest
import requests
from playwright.sync_api import Browser, sync_playwright

from tests.served import READY_WITHIN_S, Served, free_port

ROOT = Path(__file__).parent.parent
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


class Dashboard:
    """`streamlit run app.py` on an ephemeral port, before an event server that runs already."""

    def __init__(self, server: Served, **environment: str) -> None:
        self.server = server
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}/"
        self._environment = server.environment | {
            "JORGE_SOCKET_URL": f"ws://127.0.0.1:{server.port}",
            "JORGE_TOKEN": server.token("admin"),
            "JORGE_EMBEDDED": "0",
            "JORGE_DEMO": "0",
            "STREAMLIT_SERVER_PORT": str(self.port),
            **environment,
        }

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def log(self) -> str:
        return (self.server.folder / "dashboard.log").read_text()

    def start(self) -> None:
        """Start the process; return when it answers."""
        with (self.server.folder / "dashboard.log").open("a") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "streamlit", "run", "app.py"],
                env=self._environment,
                cwd=ROOT,
                stdout=log,
                stderr=log,
            )
        deadline = time.monotonic() + READY_WITHIN_S
        while not self._answers():
            assert self.process.poll() is None, self.log
            assert time.monotonic() < deadline, self.log

    def stop(self) -> None:
        """Ask the process to end, and see that it does."""
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(20)
        finally:
            self.process.kill()

    def _answers(self) -> bool:
        try:
            return requests.get(f"{self.url}health", timeout=2).ok
        except requests.ConnectionError:
            time.sleep(0.05)  # between two looks at a process that is starting
            return False


@contextmanager
def chromium() -> Iterator[Browser]:
    """Yield a real Chromium; where none is installed, skip and say so."""
    path = shutil.which("chromium") or os.environ.get("CHROMIUM")
    if path is None:
        pytest.skip("chromium is not installed")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()
