"""The routes of the login: log in, choose a password by a link, change it, come back from another provider's login."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from pathlib import Path
from urllib.parse import parse_qs, quote

from starlette.middleware import Middleware
from starlette.middleware.sessions import SessionMiddleware
from starlette.requests import Request
from starlette.responses import FileResponse, RedirectResponse, Response
from starlette.routing import Route
from streamlit import config

from jorge_data.dashboard.allowed_hosts import refused_socket
from jorge_data.dashboard.context import AppContext
from jorge_data.dashboard.login.client_address import client_address
from jorge_data.dashboard.login.cookie import is_encrypted, set_cookie
from jorge_data.dashboard.login.html_pages import Input, page
from jorge_data.dashboard.login.oidc import OidcProvider, ProviderRefused
from jorge_data.dashboard.login.paths import (
    CALLBACK,
    FIRST,
    INVITATION,
    LOGIN,
    LOGOUT,
    OIDC,
    PASSWORD,
    SCRIPT,
    own_page,
)
from jorge_data.dashboard.login.session_access import SessionAccess
from jorge_data.dashboard.login.session_client import LoginSession, OwnTokenRefused
from jorge_data.dashboard.login.user import User
from jorge_data.errors import (
    Forbidden,
    Invalid,
    LinkEnded,
    LoginRefused,
    RequestRefused,
    SessionEnded,
    TooLarge,
    TooMany,
    Unavailable,
    Unsupported,
)
from jorge_data.settings import Settings

MOST_BYTES = 8192
LEAST_PASSWORD = 12
HINT = f"{LEAST_PASSWORD} characters or more; several words are easiest to remember."

_log = logging.getLogger(__name__)

Form = dict[str, str]


def routes(settings: Settings) -> list[Route]:
    """Return the routes of the login that is set; none where there is none."""
    if not settings.login:
        return []
    if settings.login == "users":
        both = ["GET", "POST"]
        return [
            Route(LOGIN, log_in, methods=both),
            Route(PASSWORD, change_password, methods=both),
            Route(INVITATION, use_invitation, methods=both),
            Route(FIRST, use_invitation, methods=both),
            Route(SCRIPT, script),
        ]
    others = [Route(LOGIN, log_in_elsewhere)]
    if settings.login == "oidc":
        public = settings.public_address
        provider = OidcProvider(settings)
        between = [
            Middleware(
                SessionMiddleware,
                secret_key=provider.cookie_secret,
                session_cookie="jorge_oidc",
                max_age=600,
                path=((public.path if public else "") or "") + LOGIN,
                same_site="lax",
                https_only=is_encrypted(settings, config.get_option("server.sslCertFile")),
            )
        ]
        others += [
            Route(OIDC, provider.leave_for, middleware=between),
            Route(CALLBACK, _come_back(provider), middleware=between),
            Route(LOGOUT, provider.log_out),
        ]
    return others


async def log_in(request: Request) -> Response:
    """Show the form, and let in whose name and password it brings."""
    access, settings = _access(), AppContext.current().settings
    target = own_page(request.query_params.get("next"))
    if request.method != "POST":
        user = await _who(request, access)
        return RedirectResponse(target, 303) if user else _login_page()
    name = ""
    try:
        form = await _form(request)
        name = form.get("name", "")
        entry = await asyncio.to_thread(access.client.log_in, name.strip(), form.get("password", ""), _address(request))
    except RequestRefused as refused:
        return _login_page(name, _words(refused), refused)
    return _enter(entry, target, access, settings)


def _login_page(name: str = "", bad: str = "", refused: RequestRefused | None = None) -> Response:
    inputs = (
        Input("name", "Name", "username", kind="text", value=name[:256]),
        Input("password", "Password", "current-password"),
    )
    return page(
        "Log in",
        inputs=inputs,
        button="Log in",
        bad=bad,
        note="Password forgotten? An admin can send you a link to choose a new one.",
        status=refused.status if refused else 200,
        retry_s=int(refused.retry_after_s) if refused and refused.retry_after_s else None,
    )


async def use_invitation(request: Request) -> Response:
    """Show the form of a link, and let in who chooses his password by it; to look at it does not use it up."""
    access, settings, is_first = _access(), AppContext.current().settings, request.scope["path"] == FIRST
    form, refused = Form(), None
    if request.method == "POST":
        try:
            form = await _form(request)
            entry = await asyncio.to_thread(
                access.client.use_invitation,
                form.get("invitation", "").strip(),
                _new_password(form),
                _address(request),
                form.get("name", "").strip() if is_first else None,
            )
            return _enter(entry, "/", access, settings)
        except LinkEnded as ended:
            return _ended_link(is_first, ended)
        except RequestRefused as error:
            refused = error
    who = Input("name", "Your name, to log in with", "username", kind="text", value=form.get("name", "")[:256])
    return page(
        "Be the first admin" if is_first else "Choose your password",
        inputs=(
            Input("invitation", "", "off", kind="hidden", value=form.get("invitation", "")[:256]),
            *((who,) if is_first else ()),
            Input("password", "Password", "new-password", hint=HINT),
            Input("again", "The same once more", "new-password"),
        ),
        button="Choose it and log in",
        bad=_words(refused) if refused else "",
        status=refused.status if refused else 200,
        script="link.js",
    )


def _ended_link(is_first: bool, ended: LinkEnded) -> Response:
    text = "This link was used already, was replaced by a newer one, or is more than a day old."
    again = "Start the dashboard again: it prints a new one." if is_first else "Ask an admin for a new one."
    return page("This link has ended", text=[text, again], link=("Log in", "../login"), status=ended.status)


async def script(request: Request) -> Response:
    """Respond with what takes the secret of a link into the form."""
    return FileResponse(Path(__file__).with_name("link.js"), media_type="text/javascript")


async def change_password(request: Request) -> Response:
    """Show the form for another password, and change it; everywhere else he is logged out by that."""
    access = _access()
    user = await _who(request, access)
    if user is None:
        return RedirectResponse(f"{LOGIN}?next={quote(PASSWORD)}", 303)
    bad, status = "", 200
    if request.method == "POST":
        try:
            form = await _form(request)
            await asyncio.to_thread(access.change_password, user, form.get("old", ""), _new_password(form))
            done = "Your password is changed. Wherever else you were logged in, you are not any more."
            return page("Change your password", good=done, link=("Command Center", "../"))
        except LoginRefused as refused:
            bad, status = "The old password is another one.", refused.status
        except RequestRefused as refused:
            bad, status = _words(refused), refused.status
    inputs = (
        Input("old", "Old password", "current-password"),
        Input("password", "New password", "new-password", hint=HINT),
        Input("again", "The new one once more", "new-password"),
    )
    return page("Change your password", inputs=inputs, button="Change it", bad=bad, status=status)


async def log_in_elsewhere(request: Request) -> Response:
    """Show the way to the login of another provider."""
    target = own_page(request.query_params.get("next"))
    if await _who(request, _access()):
        return RedirectResponse(target, 303)
    if AppContext.current().settings.login == "oidc":
        return page("Log in", link=("Log in with your company account", f"login/oidc?next={quote(target, safe='')}"))
    return page("You are logged out", link=("Come in again", f".{target}"))


def _come_back(provider: OidcProvider) -> Callable[[Request], Awaitable[Response]]:
    async def come_back(request: Request) -> Response:
        """Let in whom the provider vouches for."""
        access, settings = _access(), AppContext.current().settings
        try:
            entry, target, farewell = await provider.come_back(request, access.client, _address(request))
        except ProviderRefused as refused:
            return page(
                "You are not logged in", bad=str(refused), link=("Try again", "../../login"), status=refused.status
            )
        except RequestRefused as refused:
            return page(
                "You are not logged in", bad=_words(refused), link=("Try again", "../../login"), status=refused.status
            )
        response = _enter(entry, own_page(target), access, settings)
        access.leave_by(entry, farewell)
        return response

    return come_back


def _enter(entry: LoginSession, target: str, access: SessionAccess, settings: Settings) -> Response:
    access.open(entry)
    response = RedirectResponse(target, 303)
    response.headers["Cache-Control"] = "no-store"
    set_cookie(response, entry, settings)
    return response


def _access() -> SessionAccess:
    access = AppContext.current().access
    assert isinstance(access, SessionAccess), "these routes are there with a login alone"
    return access


async def _who(request: Request, access: SessionAccess) -> User | None:
    return await access.admit(request.cookies.get(access.cookie_name, ""))


def _address(request: Request) -> str:
    return client_address(request, AppContext.current().settings.trusted_networks)


def _new_password(form: Form) -> str:
    if form.get("password", "") != form.get("again", ""):
        raise Invalid("The two passwords are not the same.")
    return form.get("password", "")


async def _form(request: Request) -> Form:
    """Return what a form of our own page has sent: no page of another site can send one that is taken."""
    if request.headers.get("origin") is None:
        raise Forbidden("the form does not say from which page it comes: our own pages alone may send it")
    if reason := refused_socket(request.headers):
        _log.warning("a form was refused at %s: %s", LOGIN, reason)
        raise Forbidden(reason)
    if request.headers.get("content-type", "").partition(";")[0] != "application/x-www-form-urlencoded":
        raise Unsupported("the form is no application/x-www-form-urlencoded")
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > MOST_BYTES:
            raise TooLarge(f"the form has more than {MOST_BYTES} bytes")
    try:
        fields = parse_qs(body.decode(), keep_blank_values=True, max_num_fields=10, errors="strict")
    except ValueError:
        raise Invalid("the form cannot be read") from None
    return {name: values[-1] for name, values in fields.items()}


def _words(refused: RequestRefused) -> str:
    """Return why somebody is not let in, for himself."""
    if isinstance(refused, LoginRefused):
        return "This name and this password do not let you in."
    if isinstance(refused, TooMany):
        return f"Too many attempts. Try again in {refused.retry_after_s or 60:.0f} seconds."
    if isinstance(refused, SessionEnded):
        return "Your login has ended. Log in again."
    if isinstance(refused, OwnTokenRefused):
        return f"Nobody can log in now: {str(refused)[:1].lower()}{str(refused)[1:]}"
    if isinstance(refused, Unavailable):
        return "Logins cannot be checked now. Try again in a moment."
    text = str(refused)
    return text if text[-1:] in ".!" else f"{text[:1].upper()}{text[1:]}."
