"""One client behaves as badly as it can: all others get their events."""

import socket
from collections.abc import Callable
from contextlib import ExitStack, suppress

import pytest

from tests.chaos.load import Publisher, Reader, check
from tests.chaos.stalled import HANDSHAKE, masked, shake_hands
from tests.served import Served

Attack = Callable[[int, ExitStack], None]

PAUSE_S = 0.02  # so few events during an attack that no reader, however slow, is far enough behind to be cut


def dial(port: int, stack: ExitStack) -> socket.socket:
    return stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=5))


def garbage_frames(port: int, stack: ExitStack) -> None:
    client = dial(port, stack)
    shake_hands(client, port)
    with suppress(OSError):
        for number in range(5_000):
            client.sendall(masked(b"{" * (number % 2_000 + 200)))


def pings(port: int, stack: ExitStack) -> None:
    client = dial(port, stack)
    shake_hands(client, port)
    client.settimeout(0.2)
    with suppress(OSError):
        for _ in range(20_000):  # whose answers it does not read
            client.sendall(b"\x89\xfd" + bytes(4) + bytes(125))


def garbage_handshakes(port: int, stack: ExitStack) -> None:
    for number in range(300):
        with suppress(OSError):
            dial(port, stack).sendall(bytes((number * 7 + i) % 256 for i in range(400)) + b"\r\n\r\n")


def slowloris(port: int, stack: ExitStack) -> None:
    clients = [dial(port, stack) for _ in range(200)]
    for byte in HANDSHAKE[:40].encode():
        for client in clients:
            client.send(bytes([byte]))


def endless_message(port: int, stack: ExitStack) -> None:
    client = dial(port, stack)
    shake_hands(client, port)
    with suppress(OSError):
        client.sendall(b"\x01\x80" + bytes(4))
        for _ in range(100_000):
            client.sendall((b"\x00\x81" + bytes(4) + b"x") * 10)


ATTACKS: list[Attack] = [garbage_frames, pings, garbage_handshakes, slowloris, endless_message]


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.__name__)
def test_the_others_get_their_events(served: Served, location: str, attack: Attack) -> None:
    with (
        ExitStack() as stack,
        Reader(served.port, location) as reader,
        Publisher(served, location, attack.__name__, PAUSE_S) as publisher,
    ):
        publisher.wait_for_more(5)
        attack(served.port, stack)
        publisher.wait_for_more(50)
        publisher.__exit__(None, None, None)
        check([publisher], [reader])
        assert (reader.cut, reader.codes) == (0, []), "the server cut one who did nothing"
