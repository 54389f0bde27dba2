"""uvicorn's HTTP protocol, with the limit of connections that each address has."""

from urllib.parse import parse_qs

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from jorge_data.server.websocket.protocol import HEADROOM

WEBHOOKS = b"/webhooks/"
SOCKET_IO = b"/socket.io/"


class WebhooksFirstProtocol(HttpToolsProtocol):
    """One HTTP connection; over the limit uvicorn answers 503, and GoHighLevel tries again upon 429 alone.

    The webhooks' own limits answer with that (`delivery_receiver.py`). A handshake of Socket.IO has the sockets' limit:
    who polls holds a connection as long as a socket does.
    """

    def on_headers_complete(self) -> None:
        self.limit_concurrency = self._limit(self.config.limit_concurrency)
        super().on_headers_complete()

    def _limit(self, limit: int | None) -> int | None:
        if limit is None or self.url.startswith(WEBHOOKS):
            return None
        is_handshake = self.url.startswith(SOCKET_IO) and b"sid" not in parse_qs(self.url.partition(b"?")[2])
        return limit - HEADROOM if is_handshake else limit
