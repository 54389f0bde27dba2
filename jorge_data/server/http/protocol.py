"""uvicorn's HTTP protocol, which lets webhooks through to their route however many connections there are."""

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

WEBHOOKS = b"/webhooks/"


class WebhooksFirstProtocol(HttpToolsProtocol):
    """One HTTP connection; over the limit uvicorn answers 503, and GoHighLevel tries again upon 429 alone.

    The webhooks' own limits answer with that (`deliveries.py`).
    """

    def on_headers_complete(self) -> None:
        self.limit_concurrency = None if self.url.startswith(WEBHOOKS) else self.config.limit_concurrency
        super().on_headers_complete()
