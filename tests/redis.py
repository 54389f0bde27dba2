"""A real Redis in a process of its own, for tests: started, killed, and started again on its data."""

import signal
import subprocess
from pathlib import Path
from typing import Any, Self

import redis

from tests.served import free_port
from tests.waiting import end, wait_for_start


class RedisServer:
    """redis-server on an ephemeral port of loopback, which appends every write to a file before it answers."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.client = redis.Redis(port=self.port, socket_timeout=10)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.client.close()
        self.kill()

    def start(self) -> None:
        """Start the process; return when it answers."""
        options = {"port": self.port, "bind": "127.0.0.1", "dir": self.folder, "save": "", "logfile": "redis.log"}
        options |= {"appendonly": "yes", "appendfsync": "always"}
        command = ["redis-server", *(str(word) for name, value in options.items() for word in (f"--{name}", value))]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        wait_for_start(self.process, self._answers, (self.folder / "redis.log").read_text)

    def kill(self) -> None:
        """End the process as a power cut would: SIGKILL."""
        end(self.process, signal.SIGKILL)

    def add(self, stream: str, **fields: Any) -> str:
        """Add an entry to a stream; return its id."""
        entry: dict[Any, Any] = fields
        identifier: Any = self.client.xadd(stream, entry)
        return str(identifier.decode())

    def _answers(self) -> bool:
        assert self.process.poll() is None, (self.folder / "redis.log").read_text()
        try:
            return bool(self.client.ping())
        except redis.ConnectionError:
            return False
