"""What stands before every route of the dashboard, Streamlit's as well: its path, what a browser may do, and 404."""

import logging
import re
from base64 import b64encode
from collections.abc import Callable, Mapping
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import orjson
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.file_util import get_static_dir

from jorge_data.dashboard.allowed_hosts import is_on_this_machine, refused_host, refused_socket
from jorge_data.dashboard.ui.navigation import ENTRIES
from jorge_data.errors import Forbidden, NotFound, RequestRefused

_PATHS = "|".join(entry.path for entry in ENTRIES if entry.path)

ADDRESS = (
    "window.__streamlit={BACKEND_BASE_URL:"
    rf'new URL(location.pathname.replace(/\/(?:{_PATHS})\/?$/,"/"),location.origin).href}}'
)
"""What tells Streamlit's page where its server is: it would try beneath the page first, for two answers of 404."""


def _inline_scripts() -> str:
    """Return what allows the scripts in Streamlit's own page and in the frame that refreshes ours: their digests."""
    found = find_spec("streamlit_autorefresh")  # imported before Streamlit runs, it would not be served
    refreshing = Path(found.origin if found and found.origin else "").parent / "frontend" / "build"
    pages = [(folder / "index.html").read_text(encoding="utf-8") for folder in (Path(get_static_dir()), refreshing)]
    scripts = (script for page in pages for script in re.findall(r"<script>(.*?)</script>", page, re.DOTALL))
    digests = (sha256(script.encode()).digest() for script in (*scripts, ADDRESS))
    return " ".join(f"'sha256-{b64encode(digest).decode()}'" for digest in digests)


SECURITY_HEADERS = {
    # blob: is how Streamlit loads the parts that we wrote; plotly compiles what it draws by WebGL, and styles are set
    # inline by both. What matters stays forbidden: a script in a page's text, and one from elsewhere.
    "Content-Security-Policy": f"default-src 'self'; script-src 'self' blob: 'unsafe-eval' {_inline_scripts()}; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; "
    "media-src 'self' data: blob:; connect-src 'self' data: blob:; worker-src 'self' blob:; frame-src 'self'; "
    "object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'self'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",  # and not DENY: streamlit-autorefresh is a frame of our own
    "Referrer-Policy": "same-origin",
}
"""On every response of the dashboard."""

_log = logging.getLogger(__name__)


class UnderPath:
    """Takes the public path off a request, where it is there: a proxy may pass it on, or have taken it off itself."""

    def __init__(self, app: ASGIApp, path: str) -> None:
        self._app, self._path = app, path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        asked = scope.get("path", "")
        if self._path and (asked == self._path or asked.startswith(f"{self._path}/")):
            raw = scope.get("raw_path") or asked.encode()
            scope = {
                **scope,
                "path": asked[len(self._path) :] or "/",
                "raw_path": raw[len(self._path) :] or b"/",
            }

        async def send_with_path(message: Message) -> None:
            """Send, and lead a redirect to the public path: what is behind this knows of none."""
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                target = headers.get("location", "")
                if target.startswith("/") and not target.startswith("//"):
                    headers["location"] = self._path + target
            await send(message)

        await self._app(scope, receive, send_with_path if self._path else send)


class SecurityHeaders:
    """Gives every response SECURITY_HEADERS and `more`, and a socket that is refused an answer that says why."""

    def __init__(self, app: ASGIApp, more: Mapping[str, str] | None = None) -> None:
        self._app, self._more = app, more or {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        accepted = False

        async def send_with_headers(message: Message) -> None:
            nonlocal accepted
            if message["type"] == "websocket.close" and not accepted:
                # As an answer of its own, for uvicorn's has no headers of ours.
                await refuse_socket(
                    NotFound(f"no socket is at {scope['path'][:80]!r}"), scope, receive, send_with_headers
                )
                return
            if message["type"] in ("http.response.start", "websocket.http.response.start", "websocket.accept"):
                accepted = True
                add_security_headers(headers := MutableHeaders(scope=message))
                headers.update(self._more)
            await send(message)

        await self._app(scope, receive, send_with_headers)


def add_security_headers(headers: MutableHeaders) -> None:
    for name, value in SECURITY_HEADERS.items():
        headers.setdefault(name, value)


class Early(NamedTuple):
    """What a page carries in its HTML of what it will show."""

    head: bytes = b""
    """Asked for before Streamlit's own files, which would be in its way."""

    body: bytes = b""


NOTHING_EARLY = Early()

ADMITTED = "admitted"
"""By this name a request's state has the user whom the gate has let in: his cookie may be still another's."""


ABOUT_THE_FILE = frozenset({b"accept-encoding", b"if-none-match", b"if-modified-since", b"range"})
"""What a page is not asked with: it is changed on its way, so it comes uncompressed, whole, and as it is now."""


class OwnPagesAlone:
    """Refuses in words who may not come in, and what is no page of ours: Streamlit answers its first page for that."""

    def __init__(
        self,
        app: ASGIApp,
        path: str,
        others: frozenset[str] = frozenset(),
        early: Callable[[Scope], Early] = lambda scope: NOTHING_EARLY,
    ) -> None:
        """`early` returns what a page carries in its HTML of what it will show."""
        self._app, self._path, self._early = app, path, early
        self._pages = {"/", "/index.html", *(f"/{entry.path}" for entry in ENTRIES), *others}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await self._socket(scope, receive, send)
        elif scope["type"] == "http":
            await self._http(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _socket(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope)
        # Who names no origin is no browser; all pages of this machine Streamlit lets in.
        own = is_on_this_machine(headers.get("origin"))
        reason = refused_host(headers) if own else refused_socket(headers)
        if reason is None:
            await self._app(scope, receive, send)
            return
        await refuse_socket(Forbidden(reason), scope, receive, send)

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers, asked, refused = Headers(scope=scope), scope["path"], None
        if asked in self._pages and (reason := refused_host(headers)):
            _log.warning("a page was refused: %s", reason)
            await self._refusal(headers, Forbidden(reason))(scope, receive, send)
            return

        is_page, body = asked in self._pages, bytearray()
        start: Message | None = None
        if is_page:
            kept = [(name, value) for name, value in scope["headers"] if name not in ABOUT_THE_FILE]
            scope = {**scope, "headers": kept, "state": {**scope.get("state", {})}}

        async def send_own(message: Message) -> None:
            nonlocal refused, start
            if is_page and message["type"] == "http.response.start" and _is_html(message):
                start = message
                return
            if start is not None:
                body.extend(message.get("body", b""))
                if not message.get("more_body"):
                    await send_page(start, bytes(body), scope["method"], send, self._early(scope))
                return
            if message["type"] == "http.response.start" and self._is_fallback(asked, message):
                refused = self._refusal(headers, NotFound(f"nothing is at {asked[:80]!r}"))
                await refused(scope, receive, send)
            elif refused is None:
                await send(message)

        await self._app(scope, receive, send_own)

    def _is_fallback(self, asked: str, message: Message) -> bool:
        """Return whether this is the first page, answered for a path at which there is none."""
        return _is_html(message) and asked not in self._pages and not asked.startswith("/component/")

    def _refusal(self, headers: Headers, refused: RequestRefused) -> Response:
        if "text/html" not in headers.get("accept", ""):
            return JSONResponse(refused.as_json(), refused.status)
        title = "There is no such page" if refused.status == 404 else "This is not the dashboard's address"
        words = "" if refused.status == 404 else f"<p>{_escaped(str(refused))}.</p>"
        link = f'<p><a href="{self._path}/">Command Center</a></p>' if refused.status == 404 else ""
        page = (
            f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title><h1>{title}</h1>{words}{link}'
        )
        return HTMLResponse(page, refused.status)


def _is_html(message: Message) -> bool:
    kind = Headers(raw=message["headers"]).get("content-type", "")
    return message["status"] == 200 and kind.startswith("text/html")


async def send_page(start: Message, body: bytes, method: str, send: Send, early: Early = NOTHING_EARLY) -> None:
    """Send Streamlit's page with the script that tells it where its server is, and what it shows before that is there.

    What somebody sees is kept by no browser.
    """
    head, mark, rest = body.partition(b"<head>")
    told = head + mark + early.head + f"<script>{ADDRESS}</script>".encode() + rest if mark else body
    headers = MutableHeaders(raw=list(start["headers"]))
    if early.body:
        told = told.replace(b"</body>", early.body + b"</body>")
        headers["cache-control"] = "no-store"
    if method != "HEAD":
        headers["content-length"] = str(len(told))
    del headers["etag"], headers["last-modified"]
    await send({**start, "headers": headers.raw})
    await send({"type": "http.response.body", "body": told if method != "HEAD" else b""})


async def refuse_socket(refused: RequestRefused, scope: Scope, receive: Receive, send: Send) -> None:
    """Answer a handshake with a refusal, and log it: a browser is told nothing but that it failed."""
    _log.warning("a socket was refused at %s: %s", scope["path"], refused)
    body = orjson.dumps(refused.as_json())
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "websocket.http.response.start", "status": refused.status, "headers": headers})
    await send({"type": "websocket.http.response.body", "body": body})


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")
