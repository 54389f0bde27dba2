"""The real dashboard in a process of its own, as `streamlit run app.py` starts it."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Self

import requests

from tests.served import Served, free_port
from tests.waiting import end, wait_for_start

ROOT = Path(__file__).parents[1]
FOREIGN = ("JORGE_", "NEXT_", "SOCKET_", "STREAMLIT_")


class Dashboard:
    """The dashboard on an ephemeral port of loopback, with nothing from the tester's own surroundings."""

    def __init__(self, folder: Path, **environment: str) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.authority: str | bool = True
        """Whose signature on its certificate is believed, where it is asked by https."""
        self._log = folder / "dashboard.log"
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(FOREIGN)},
            "STREAMLIT_SERVER_PORT": str(self.port),
            **environment,
        }

    @property
    def log(self) -> str:
        return self._log.read_text()

    def __enter__(self) -> Self:
        self.start()
        try:
            wait_for_start(self.process, self.is_running, lambda: self.log)
        except BaseException:  # or what does not come up fails the next test as well, by running on
            self.process.kill()
            self.process.wait()
            raise
        return self

    def __exit__(self, *error: object) -> None:
        if self.process.poll() is None:
            end(self.process, signal.SIGINT)

    def start(self) -> None:
        with self._log.open("w") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "streamlit", "run", "app.py"],
                cwd=ROOT,
                env=self.environment,
                stdout=log,
                stderr=log,
            )

    def is_running(self) -> bool:
        try:
            return requests.get(f"{self.url}/health", timeout=2, verify=self.authority).ok
        except requests.RequestException:
            return False


def before(server: Served, folder: Path, **environment: str) -> Dashboard:
    """Return a dashboard that looks at an event server which runs already."""
    given = {
        "JORGE_EMBEDDED": "0",
        "JORGE_DEMO": "0",
        "JORGE_SOCKET_URL": server.url.replace("http", "ws"),
        "JORGE_TOKEN": server.token(),
    }
    return Dashboard(folder, **given | environment)
