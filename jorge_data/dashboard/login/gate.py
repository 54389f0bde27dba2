"""What stands before every route of the dashboard, Streamlit's as well: nobody is in who was not let in."""

import asyncio
import contextlib
import logging
from urllib.parse import quote

import orjson
from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState

from jorge_data.dashboard.allowed_hosts import refused_socket
from jorge_data.dashboard.context import AppContext
from jorge_data.dashboard.http_middleware import ADMITTED, refuse_socket
from jorge_data.dashboard.login import proxy_header
from jorge_data.dashboard.login.cookie import drop_cookie, set_cookie
from jorge_data.dashboard.login.html_pages import page
from jorge_data.dashboard.login.owned_media import IDENTITY_HEADER, may_have_file
from jorge_data.dashboard.login.paths import LOGIN, LOGIN_PAGES
from jorge_data.dashboard.login.session_access import SessionAccess
from jorge_data.dashboard.login.user import User
from jorge_data.errors import Forbidden, NotFound, RequestRefused, SessionEnded, Unavailable
from jorge_data.forwarding import is_loopback, sign_of_forwarding

OPEN = frozenset({"/health", "/health/ready", "/_stcore/health"})
"""Whether the dashboard is well is told to everybody, in words without a name."""

METRICS = "/metrics"
"""It asks for a token itself, and knows no login: Prometheus reads it."""

AUTOMATIC = ("/api/live", "/_stcore/")
"""What a page asks for by itself, while nobody is at the screen."""

UNUSED = (
    *("/_stcore/upload_file", "/_stcore/agent", "/_stcore/metrics", "/_stcore/script-health-check"),
    *("/auth", "/oauth2callback"),
)
"""Doors of Streamlit's that this dashboard does not use: nobody comes in by them."""

KEPT = ("/static/", "/component/", "/_stcore/bidi-components/", "/api/early/")
"""Files that are the same for everybody: a browser may keep them. Nothing else stays in it after a log-out."""

AUTOREFRESH = "autorefresh"
"""The key of the component that reruns a page by the clock."""

MEDIA = "/media/"
AGAIN_S = 5

IDENTITY = IDENTITY_HEADER.lower().encode()

_log = logging.getLogger(__name__)


class Gate:
    """Lets a request through to what is behind where its person is in, and ends his sockets where he is no longer."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        scope = {**scope, "headers": [each for each in scope["headers"] if _plain(each[0]) != _plain(IDENTITY)]}
        connection, access = HTTPConnection(scope), AppContext.current().access
        try:
            if _is_beneath(scope["path"], UNUSED):
                raise NotFound(f"nothing is at {scope['path'][:80]!r}")
            if isinstance(access, SessionAccess):
                await self._with_login(access, connection, receive, send)
            elif scope["path"] not in OPEN and (reason := _not_from_here(connection)):
                raise Forbidden(reason)
            else:
                _note_admitted(connection, access.user_of(connection.cookies))
                await self._app(scope, receive, send)
        except RequestRefused as refused:
            await _refuse(refused, connection, receive, send)

    async def _with_login(
        self, access: SessionAccess, connection: HTTPConnection, receive: Receive, send: Send
    ) -> None:
        scope, path = connection.scope, connection.scope["path"]
        if path in OPEN or (path == METRICS and scope.get("method") in ("GET", "HEAD")):
            await self._app(scope, receive, send)
            return
        user, send = await self._admit(connection, access, send)
        if path in LOGIN_PAGES and scope["type"] == "http":
            await self._app(scope, receive, send)
        elif user is None or user.session is None:
            raise SessionEnded("nobody is logged in here: open the dashboard and log in")
        elif scope["type"] == "websocket":
            await self._socket(access, user, connection, receive, send)
        elif path.startswith(MEDIA) and not may_have_file(path, user.session):
            raise NotFound(f"nothing is at {path[:80]!r}")
        else:
            if not _is_asked_by_page(connection):
                access.use(user)
            _note_admitted(connection, user)
            await self._app(scope, receive, send if path.startswith(KEPT) else _not_kept(send))

    async def _admit(self, connection: HTTPConnection, access: SessionAccess, send: Send) -> tuple[User | None, Send]:
        """Return who asks, and what sends the answer to him."""
        settings, cookie = AppContext.current().settings, connection.cookies.get(access.cookie_name, "")
        user = await access.admit(cookie)
        if settings.login != "proxy":
            return user, send
        if connection.scope["path"] == LOGIN:  # who logs out sees that he is out: the proxy would still vouch for him
            return user, send
        if access.has_left(cookie):
            raise SessionEnded("you are logged out: come in again")
        vouched = proxy_header.name_of(connection, settings)
        if user is not None and user.name == proxy_header.read_name(vouched):
            return user, send
        if connection.scope["type"] != "http" or not _is_page(connection):
            return None, send
        entry = await proxy_header.begin(connection, settings, access, vouched)

        async def send_with_cookie(message: Message) -> None:
            if message["type"] == "http.response.start":
                set_cookie(message, entry, settings)
            await send(message)

        return access.open(entry), send_with_cookie

    async def _socket(
        self, access: SessionAccess, user: User, connection: HTTPConnection, receive: Receive, send: Send
    ) -> None:
        """Serve a socket until it ends, or its user's session does."""
        # A cookie is sent along by every page of this machine: what Streamlit lets in is not enough here.
        if connection.headers.get("origin") is not None and (reason := refused_socket(connection.headers)):
            await refuse_socket(Forbidden(reason), connection.scope, receive, send)
            return
        assert user.session is not None
        headers = [*connection.scope["headers"], (IDENTITY, user.session.encode())]
        scope = {**connection.scope, "headers": headers}
        reruns = Reruns()
        with access.follow(user) as following:
            ended = asyncio.create_task(following.ended())
            closed = False

            async def receive_until_ended() -> Message:
                nonlocal closed
                message = asyncio.ensure_future(receive())
                try:
                    await asyncio.wait({message, ended}, return_when=asyncio.FIRST_COMPLETED)
                    if not ended.done():
                        received = await message
                        if reruns.is_of_person(received, connection.scope["path"]):
                            access.use(user)
                        return received
                finally:
                    message.cancel()
                if not closed:
                    closed = True
                    with contextlib.suppress(Exception):  # it may be closed already
                        await send({"type": "websocket.close", "code": SessionEnded.close, "reason": "logged out"})
                return {"type": "websocket.disconnect", "code": SessionEnded.close, "reason": "logged out"}

            async def send_until_ended(message: Message) -> None:
                if not closed:
                    await send(message)

            try:
                await self._app(scope, receive_until_ended, send_until_ended)
            finally:
                ended.cancel()


def _note_admitted(connection: HTTPConnection, user: User | None) -> None:
    setattr(connection.state, ADMITTED, user)


def _not_from_here(connection: HTTPConnection) -> str | None:
    """Return why a request is refused where there is no login: only who is at this machine needs none."""
    server, client = connection.scope.get("server"), connection.client
    elsewhere = any(not is_loopback(each[0]) for each in (server, client) if each is not None)
    sign = sign_of_forwarding(connection, by_links=True) or ("its address" if elsewhere else None)
    if sign is None:
        return None
    return (
        f"{sign} shows that this request does not come straight from this machine, and there is no login here:"
        " set JORGE_LOGIN, and JORGE_PUBLIC_URL to the address in the browser (docs/operations.md)"
    )


def _plain(name: bytes) -> bytes:
    """Return the name of a header in the one spelling that all that read headers could take it for."""
    return name.lower().replace(b"_", b"-")


def _is_beneath(path: str, roots: tuple[str, ...]) -> bool:
    return any(path == root or path.startswith(f"{root}/") for root in roots)


def _not_kept(send: Send) -> Send:
    """Return what sends an answer that no browser keeps."""

    async def send_not_kept(message: Message) -> None:
        if message["type"] == "http.response.start":
            MutableHeaders(scope=message)["cache-control"] = "no-store"
        await send(message)

    return send_not_kept


def _is_page(connection: HTTPConnection) -> bool:
    return connection.scope.get("method") in ("GET", "HEAD") and "text/html" in connection.headers.get("accept", "")


def _is_asked_by_page(connection: HTTPConnection) -> bool:
    """Return whether a page asks by itself, while nobody is at the screen."""
    is_fetch = connection.scope["method"] == "GET" and connection.headers.get("sec-fetch-dest") == "empty"
    return is_fetch or connection.scope["path"].startswith(AUTOMATIC + KEPT)


class Reruns:
    """What a tab's socket brings: whether a person did it, or the page by itself.

    Streamlit says which reruns are by the clock, but not of a component's that counts (`st_autorefresh`), nor of the
    wall's that says how its connection is. The first is the page that was opened, or has connected anew.
    """

    def __init__(self) -> None:
        self._has_run = False
        self._count = ""  # of the last autorefresh

    def is_of_person(self, message: Message, path: str) -> bool:
        """Return whether a message is what a person did."""
        data = message.get("bytes")
        if path == "/api/live":
            return '"act"' in (message.get("text") or "")
        if path != "/_stcore/stream" or not data:
            return False
        try:
            request = BackMsg.FromString(data)
        except Exception:  # Streamlit says what is wrong with it
            return False
        if not request.HasField("rerun_script"):
            return False
        rerun, is_first, before = request.rerun_script, not self._has_run, self._count
        states = rerun.widget_states.widgets
        self._has_run = True
        self._count = next((each.json_value for each in states if each.id.endswith(f"-{AUTOREFRESH}")), "")
        is_counted = bool(self._count) and self._count != before
        return not (rerun.is_auto_rerun or is_first or is_counted or any(map(_is_of_connection, states)))


def _is_of_connection(state: WidgetState) -> bool:
    """Return whether the wall says here that its connection is there or gone."""
    if not state.json_trigger_value:
        return False
    try:
        events = orjson.loads(state.json_trigger_value)
    except ValueError:
        return False
    return isinstance(events, list) and {each.get("event") for each in events if isinstance(each, dict)} == {"link"}


async def _refuse(refused: RequestRefused, connection: HTTPConnection, receive: Receive, send: Send) -> None:
    if connection.scope["type"] == "websocket":
        await refuse_socket(refused, connection.scope, receive, send)
        return
    await _refusal(refused, connection)(connection.scope, receive, send)


def _refusal(refused: RequestRefused, connection: HTTPConnection) -> Response:
    if not isinstance(refused, SessionEnded | NotFound):
        _log.warning("a request was refused at %s: %s", connection.scope["path"][:80], refused)
    if not _is_page(connection):
        return JSONResponse(refused.as_json(), refused.status, refused.headers)
    if isinstance(refused, SessionEnded):
        return _to_the_login(connection)
    if isinstance(refused, Unavailable):
        return page(
            "One moment",
            text=["Who you are cannot be checked now. This page tries again by itself."],
            note=str(refused),
            status=503,
            retry_s=AGAIN_S,
            refresh_s=AGAIN_S,
        )
    if isinstance(refused, NotFound):
        return page("There is no such page", status=404)
    title = "You cannot come in here" if refused.status == 403 else "Nobody says who you are"
    return page(title, text=[f"{str(refused)[:1].upper()}{str(refused)[1:]}."], status=refused.status)


def _to_the_login(connection: HTTPConnection) -> Response:
    """Return the way to the login, and back from there; for who has just logged out, first that to his provider's."""
    context = AppContext.current()
    assert isinstance(context.access, SessionAccess), "without a login nobody is sent to it"
    cookie = connection.cookies.get(context.access.cookie_name)
    query = connection.scope.get("query_string", b"").decode("latin-1")
    target = connection.scope["path"] + (f"?{query}" if query else "")
    way = LOGIN if target == "/" else f"{LOGIN}?next={quote(target, safe='')}"
    if cookie is not None:
        way = context.access.farewell(cookie) or way
    response = RedirectResponse(way, 303)
    response.headers["Cache-Control"] = "no-store"
    if cookie is not None:
        drop_cookie(response, context.settings)
    return response
