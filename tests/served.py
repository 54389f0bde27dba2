"""A real event server in a process of its own, for tests: started, killed, stopped and started again."""

import atexit
import os
import signal
import socket
import subprocess
import sys
from collections import deque
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from typing import Any, Self

import requests
from websockets.sync.client import ClientConnection, connect

from jorge_data.permissions import Role
from jorge_data.server.auth.tokens import Tokens
from tests.waiting import end, wait_for_start

HELD = 32
_held: deque[socket.socket] = deque()
_numbers = count(1)


def free_port() -> int:
    """Return a port of loopback that is free, and that the system gives nobody else for the next HELD calls.

    It stays bound without listening; servers bind it all the same, for they reuse addresses.
    """
    probe = socket.socket()
    probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    probe.bind(("127.0.0.1", 0))
    if len(_held) == HELD:
        _held.popleft().close()
    _held.append(probe)
    port: int = probe.getsockname()[1]
    return port


@atexit.register
def _let_go() -> None:
    while _held:
        _held.pop().close()


def bot_status(number: int = 0, **attributes: Any) -> dict[str, Any]:
    """Return a valid event whose text names its number."""
    data = {"bot_type": "jorge-seller", "status": "processing", "current_step": f"step-{number}"}
    return {
        "id": f"test-{os.getpid()}-{next(_numbers)}",
        "source": "tests",
        "type": "bot_status_update",
        "data": data,
    } | attributes


class Served:
    """The event server on an ephemeral port of loopback, with its store in a folder that outlives it."""

    program = ("-m", "jorge_data")

    def __init__(self, folder: Path, **environment: str) -> None:
        self.folder = folder
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.secret = "0123456789abcdefghijklmnopqrstuvwxyz"
        self.environment = {
            **{
                name: value for name, value in os.environ.items() if not name.startswith(("JORGE_", "NEXT_", "SOCKET_"))
            },
            "JORGE_PORT": str(self.port),
            "JORGE_STORE_URL": f"sqlite:///{folder / 'events.db'}",
            "JORGE_TOKEN_SECRET": self.secret,
            "JORGE_ANONYMOUS": "read",  # what most tests ask is not who they are
            "JORGE_CHILD": "1",
            "PYTHONPATH": str(Path(__file__).parent.parent),
            **environment,
        }
        self._tokens = Tokens(self.secret)
        self.session = requests.Session()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.session.close()
        self.stop()

    @property
    def log(self) -> str:
        return (self.folder / "server.log").read_text()

    @property
    def command(self) -> list[str]:
        return [sys.executable, *self.program, "serve"]

    def start(self) -> None:
        """Start the process; return when it answers. One that ends before, or never does, leaves nothing open."""
        self.spawn()
        try:
            wait_for_start(self.process, self._answers, lambda: self.log)
        except BaseException:
            self.kill()
            raise

    def spawn(self) -> None:
        """Start the process, and do not wait until it answers."""
        with (self.folder / "server.log").open("a") as log:
            self.process = subprocess.Popen(
                self.command,
                env=self.environment,
                cwd=self.folder,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
            )

    def kill(self) -> None:
        """End the process as a power cut would: SIGKILL."""
        end(self.process, signal.SIGKILL)

    def stop(self) -> None:
        """Ask the process to end, and see that it does; one that has ended by itself leaves its pipe to be closed."""
        end(self.process, signal.SIGTERM)

    def _answers(self) -> bool:
        try:
            return self.session.get(f"{self.url}/health", timeout=2).ok
        except requests.RequestException:  # on a busy machine it may listen and not answer yet
            return False

    def token(self, role: Role = "admin", location: str | None = None, ttl_s: float = 3600) -> str:
        """Return a token that this server takes."""
        return self._tokens.issue(role, f"test-{role}", ttl_s, location)

    def bearer(self, role: Role = "admin", location: str | None = None, ttl_s: float = 3600) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token(role, location, ttl_s)}"}

    def post(self, events: Any, headers: dict[str, str] | None = None) -> requests.Response:
        """Publish by HTTP as an admin."""
        return self.session.post(f"{self.url}/events", json=events, headers=headers or self.bearer(), timeout=10)

    def get(self, path: str, **query: str | int) -> Any:
        """Return the JSON of a GET as an admin."""
        answer = self.session.get(f"{self.url}{path}", params=query, headers=self.bearer(), timeout=10)
        answer.raise_for_status()
        return answer.json()

    def connect(self, stack: ExitStack | None = None, path: str = "/", **options: Any) -> ClientConnection:
        """Return an open websocket of an independent implementation; anonymous unless headers say otherwise."""
        client: ClientConnection = connect(f"ws://127.0.0.1:{self.port}{path}", max_size=None, proxy=None, **options)
        if stack:
            stack.enter_context(client)
        return client
