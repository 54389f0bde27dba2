"""The client from npm, `socket.io-client`, in a process of its own."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple, Self

from tests.npm_clients import NODE, environment

PROGRAM = Path(__file__).with_name("client.cjs")


class Line(NamedTuple):
    """What the client says happened: the name of an event, of the server's or its own, and what came with it."""

    name: str
    payload: dict[str, Any]


class NpmClient:
    """A client that connects, comes back and resumes by itself."""

    def __init__(self, url: str, transports: list[str] | None = None, **auth: Any) -> None:
        self._options = {"auth": auth} | ({"transports": transports} if transports else {})
        self._url = url
        self.said: list[Line] = []

    def __enter__(self) -> Self:
        assert NODE is not None
        command = [NODE, str(PROGRAM), self._url, json.dumps(self._options)]
        self.process = subprocess.Popen(
            command, env=environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        return self

    def __exit__(self, *raised: object) -> None:
        self.process.kill()
        self.process.communicate()

    def tell(self, **command: Any) -> None:
        """Have it emit an event, or connect again."""
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(command) + "\n")
        self.process.stdin.flush()

    def until(self, name: str, condition: Callable[[dict[str, Any]], bool] = lambda payload: True) -> dict[str, Any]:
        """Read on to the next line of a name with a payload of a kind; return the payload."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.said.append(Line(*json.loads(line)))
            if self.said[-1].name == name and condition(self.said[-1].payload):
                return self.said[-1].payload
        raise AssertionError(f"it never said {name}: {self.said}")

    def served(self) -> list[int]:
        """Return the positions of the events that it was served, in order."""
        return [line.payload["seq"] for line in self.said if "seq" in line.payload]
