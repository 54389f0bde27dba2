"""A reader that subscribes and then reads nothing more, in the smallest buffer that the kernel gives."""

import json
import os
import socket
import struct
from typing import Self

HANDSHAKE = (
    "GET / HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)


def masked(payload: bytes, opcode: int = 0x1) -> bytes:
    """Return a client's frame."""
    size = struct.pack("!BBH", 0x80 | opcode, 0xFE, len(payload))
    return size + bytes(4) + payload  # masked with zeros: as good as plain


def shake_hands(client: socket.socket, port: int) -> None:
    client.sendall(HANDSHAKE.format(port=port).encode())
    _receive_until(client, b"\r\n\r\n")


def _receive_until(client: socket.socket, pattern: bytes) -> None:
    received = b""
    while pattern not in received:
        data = client.recv(1 << 16)
        assert data, received
        received += data


class Stalled:
    """A client that subscribes and then reads nothing, for as long as it is open."""

    def __init__(self, port: int, location: str) -> None:
        self._socket = socket.socket()
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self._socket.settimeout(5)
        self._socket.connect(("127.0.0.1", port))
        shake_hands(self._socket, port)
        self._socket.sendall(masked(json.dumps({"type": "subscribe", "location": location}).encode()))
        _receive_until(self._socket, b'"subscribed"')

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._socket.close()


def resident_bytes(pid: int) -> int:
    """Return how much memory a process holds."""
    with open(f"/proc/{pid}/statm") as statm:
        return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
