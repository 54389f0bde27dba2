"""Engine.IO by polling, spoken by hand: for what no client from npm would do."""

import json
from typing import Any, Protocol

import requests

MOST_PACKETS = 1_000

SEPARATOR = "\x1e"


class OpenClient(Protocol):
    """Opens a client that is closed at the end of its test."""

    def __call__(self, url: str, **headers: str) -> "PollingClient":
        """Return a client of this server; the headers are those of each of its requests."""


class PollingClient:
    """One connection of Socket.IO, whose every request has the same headers."""

    def __init__(self, url: str, **headers: str) -> None:
        self.url = f"{url}/socket.io/"
        self.session = requests.Session()
        self.session.headers.update(headers)
        self._unread: list[str] = []
        self.query = {"EIO": "4", "transport": "polling"}

    def close(self) -> None:
        """Let go of what the requests were sent by; the server is told nothing."""
        self.session.close()

    def open(self, **query: str) -> requests.Response:
        """Ask for a handshake."""
        answer = self.session.get(self.url, params=self.query | query, timeout=10)
        if answer.ok:
            self.query["sid"] = json.loads(answer.text[1:])["sid"]
        return answer

    def send(self, *packets: str) -> requests.Response:
        return self.session.post(self.url, params=self.query, data=SEPARATOR.join(packets).encode(), timeout=10)

    def poll(self) -> list[str]:
        """Return the packets that wait, or the first that comes."""
        answer = self.session.get(self.url, params=self.query, timeout=40)
        return answer.text.split(SEPARATOR) if answer.ok else []

    def connect(self, **auth: Any) -> None:
        """Open, and connect to the namespace."""
        self.open().raise_for_status()
        self.send("40" + json.dumps(auth)).raise_for_status()

    def until(self, kind: str) -> tuple[list[tuple[str, Any]], Any]:
        """Read on until a packet of a kind comes; return the events before it, and what it brought.

        A kind is an event's name, or `refused`.
        """
        events: list[tuple[str, Any]] = []
        for _ in range(MOST_PACKETS):  # each poll has its own time
            if not self._unread:
                self._unread = self.poll()
                assert self._unread, f"the connection ended before {kind}: {events}"
            packet = self._unread.pop(0)
            if packet == "2":
                self.send("3")
            elif packet.startswith("44") and kind == "refused":
                return events, json.loads(packet[2:])
            elif packet.startswith("42"):
                name, payload = json.loads(packet[2:])
                if name == kind:
                    return events, payload
                events.append((name, payload))
        raise AssertionError(f"{kind} never came: {events}")
