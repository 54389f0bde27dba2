"""The proxy that spoils connections spoils them as it says."""

import socket
import threading
import time
from collections.abc import Iterator

import pytest

from tests.toxics import Proxy, Toxic


@pytest.fixture
def echo() -> Iterator[int]:
    """Serve one port that says everything back."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=_serve, args=(server,), daemon=True).start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)


def _serve(server: socket.socket) -> None:
    while True:
        try:
            connection, _ = server.accept()
        except OSError:
            return
        threading.Thread(target=_echo, args=(connection,), daemon=True).start()


def _echo(connection: socket.socket) -> None:
    with connection:
        try:
            while data := connection.recv(1 << 16):
                connection.sendall(data)
        except OSError:
            pass


def dial(proxy: Proxy) -> socket.socket:
    return socket.create_connection(("127.0.0.1", proxy.port), timeout=2)


def test_without_toxics_everything_passes(echo: int) -> None:
    with Proxy(echo) as proxy, dial(proxy) as client:
        client.sendall(b"x" * 100_000)
        client.shutdown(socket.SHUT_WR)
        assert sum(len(data) for data in iter(lambda: client.recv(1 << 16), b"")) == 100_000


def test_latency_and_bandwidth_take_their_time(echo: int) -> None:
    with Proxy(echo) as proxy, dial(proxy) as client:
        proxy.set(up=Toxic(latency_s=0.1), down=Toxic(slice_bytes=10, bandwidth=1000))
        began = time.monotonic()
        client.sendall(b"x" * 100)
        received = 0
        while received < 100:
            received += len(client.recv(100))
        assert time.monotonic() - began >= 0.18


def test_a_black_hole_swallows_and_heals_without_a_word(echo: int) -> None:
    with Proxy(echo) as proxy, dial(proxy) as client:
        proxy.set(down=Toxic(black_hole=True))
        client.settimeout(0.1)
        client.sendall(b"lost")
        with pytest.raises(TimeoutError):
            client.recv(4)
        proxy.heal()
        client.settimeout(2)
        client.sendall(b"here")
        assert client.recv(4) == b"here"


def test_a_black_hole_with_a_timeout_closes(echo: int) -> None:
    with Proxy(echo) as proxy, dial(proxy) as client:
        proxy.set(up=Toxic(black_hole=True, timeout_s=0.05))
        client.sendall(b"lost")
        assert client.recv(4) == b""


def test_limit_data_lets_so_many_bytes_pass(echo: int) -> None:
    with Proxy(echo) as proxy, dial(proxy) as client:
        proxy.set(down=Toxic(limit_data=7))
        client.sendall(b"0123456789")
        assert b"".join(iter(lambda: client.recv(100), b"")) == b"0123456"


def test_what_is_idle_is_closed(echo: int) -> None:
    with Proxy(echo) as proxy:
        proxy.set(down=Toxic(idle_s=0.05))
        with dial(proxy) as client:
            assert client.recv(1) == b""


def test_the_ports_that_the_server_sees_are_named(echo: int) -> None:
    with Proxy(echo) as proxy, dial(proxy) as client:
        client.sendall(b"x")
        assert client.recv(1) == b"x"
        assert len(proxy.upstream_ports) == 1
        assert client.getsockname()[1] not in proxy.upstream_ports


def test_reset_peer_resets(echo: int) -> None:
    with Proxy(echo) as proxy, dial(proxy) as client:
        proxy.set(down=Toxic(reset_peer=True))
        client.sendall(b"x")
        with pytest.raises(ConnectionResetError):
            client.recv(1)


def test_slow_close_holds_back_the_end(echo: int) -> None:
    with Proxy(echo) as proxy, dial(proxy) as client:
        proxy.set(down=Toxic(slow_close_s=0.1))
        began = time.monotonic()
        client.shutdown(socket.SHUT_WR)
        assert client.recv(1) == b""
        assert time.monotonic() - began >= 0.1


def test_a_proxy_that_is_shut_refuses_and_opens_again_on_the_same_port(echo: int) -> None:
    with Proxy(echo) as proxy:
        with dial(proxy) as client:
            proxy.shut()
            assert client.recv(1) == b""
        with pytest.raises(ConnectionRefusedError):
            dial(proxy)
        proxy.open()
        with dial(proxy) as client:
            client.sendall(b"x")
            assert client.recv(1) == b"x"
