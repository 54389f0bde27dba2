"""The pump between one websocket and the protocol; websocket-client's blocking WebSocket, read in the feed's own loop.

Not `WebSocketApp.run_forever`: its pong check sees no stall inside a frame or a handshake, its reconnect sleeps
uninterruptibly and without jitter, and it swallows what callbacks raise. Here the socket's own timeout is the watchdog:
every `recv` of the kernel has it, so that any byte restarts it and nothing is left unwatched.
"""

import contextlib
import socket
from collections.abc import Callable, Iterator
from typing import Any, cast

import orjson
import websocket

from jorge_data.feed.endpoint import Endpoint
from jorge_data.feed.failures import (
    ConnectionClosed,
    ConnectionLost,
    ConnectionSilent,
    HTTPRefused,
    ProtocolViolation,
    lost_connection,
)
from jorge_data.http_client import check_encrypted, proxy_of, read_proxy, tls_context

CLOSE_TIMEOUT_S = 0.2
_BROKEN = (websocket.WebSocketProtocolException, websocket.WebSocketPayloadException)


class FeedSocket:
    """One attempt at one connection; used by one thread, but anybody may abort it."""

    def __init__(self, endpoint: Endpoint, count_bytes: Callable[[int], None]) -> None:
        self._endpoint = endpoint
        self._count_bytes = count_bytes
        self._timeout_s = endpoint.timeout_s
        # The library's check of UTF-8 is pure Python, six times slower than all the rest; orjson checks it anyway.
        is_encrypted = endpoint.socket_url.lower().startswith("wss:")
        tls = {"context": tls_context(endpoint.ca_file)} if is_encrypted else None
        self._websocket = websocket.WebSocket(sslopt=tls, skip_utf8_validation=True)

    def open(self) -> None:
        """Connect and shake hands within the endpoint's timeout."""
        if self._endpoint.headers:
            check_encrypted(self._endpoint.socket_url)
        with self._translated():
            self._websocket.connect(  # type: ignore[no-untyped-call]
                self._endpoint.socket_url,
                timeout=self._timeout_s,
                header=self._endpoint.headers,
                suppress_origin=True,
                redirect_limit=0,  # a redirect would carry the token to another host
                **_route(self._endpoint.socket_url),
            )

    def watch(self, silence_s: float) -> None:
        """From now on, take this long without a byte for a dead connection."""
        self._timeout_s = silence_s
        self._websocket.settimeout(silence_s)

    def receive(self) -> tuple[bytes, bool]:
        """Return the next message and whether it is binary; pings are answered on the way."""
        with self._translated():
            opcode, data = cast("tuple[int, bytes]", self._websocket.recv_data())
        self._count_bytes(len(data))
        if opcode == websocket.ABNF.OPCODE_CLOSE:
            raise ConnectionClosed(
                int.from_bytes(data[:2]) if len(data) >= 2 else 1005, data[2:].decode("utf-8", "replace")
            )
        return data, opcode == websocket.ABNF.OPCODE_BINARY

    def send(self, frame: dict[str, Any]) -> None:
        with self._translated():
            self._websocket.send_text(orjson.dumps(frame).decode())

    def abort(self) -> None:
        """Wake the thread that is reading, writing or shaking hands; safe from any thread, at any time."""
        # Not WebSocket.abort(), which does nothing before the handshake is done.
        with contextlib.suppress(OSError):
            if (connection := self._websocket.sock) is not None:
                connection.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Send a close frame if that takes no time, and drop the connection."""
        with contextlib.suppress(OSError, websocket.WebSocketException):
            if self._websocket.connected:
                self._websocket.settimeout(CLOSE_TIMEOUT_S)
                self._websocket.send_close()
        self._websocket.shutdown()  # type: ignore[no-untyped-call]

    @contextlib.contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except (websocket.WebSocketTimeoutException, TimeoutError):
            raise ConnectionSilent(self._timeout_s) from None
        except websocket.WebSocketBadStatusException as error:
            raise HTTPRefused(error.status_code, "the websocket handshake") from None
        except _BROKEN as error:
            raise ProtocolViolation(f"{error!s:.120}") from None
        except (websocket.WebSocketException, OSError) as error:
            raise lost_connection(error, self._endpoint.socket_url) from None


def _route(url: str) -> dict[str, Any]:
    """Return by which proxy the library connects.

    It reads the environment by rules of its own wherever no proxy is named, even for loopback; and the list of what
    needs no proxy only where one is.
    """
    address = proxy_of(url)
    if address is None:
        return {"http_proxy_host": "none", "http_proxy_port": 1, "http_no_proxy": ["*"]}
    proxy = read_proxy(address)
    if proxy.scheme != "http":
        raise ConnectionLost(f"no websocket by {proxy.scheme}://{proxy.host}: the proxy must be one of http://")
    return {
        "http_proxy_host": proxy.host,
        "http_proxy_port": proxy.port,
        "http_proxy_auth": proxy.auth,
        "http_no_proxy": ["none.invalid"],
    }
