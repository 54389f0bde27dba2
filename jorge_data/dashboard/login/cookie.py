"""The cookie of a session: for no script, for no other site, and beneath the public path alone."""

from datetime import UTC, datetime

from starlette.datastructures import MutableHeaders
from starlette.responses import Response
from starlette.types import Message
from streamlit import config

from jorge_data.dashboard.login.session_client import LoginSession
from jorge_data.settings import Settings


def cookie_name(settings: Settings) -> str:
    """Return the cookie's name; with the port of the address, for browsers keep one cookie for all ports."""
    public = settings.public_address
    port = public.origin.port if public else None
    return "jorge_session" if port in (None, 80, 443) else f"jorge_session_{port}"


def is_encrypted(settings: Settings, certificate: str | None) -> bool:
    """Return whether browsers reach the dashboard by https: that of a proxy before it, else by its own certificate."""
    public = settings.public_address
    return public.origin.scheme == "https" if public else bool(certificate)


def set_cookie(target: Response | Message, entry: LoginSession, settings: Settings) -> None:
    """Give a response the cookie of a session, which a browser forgets when the session ends at the latest."""
    left = max(0, int((entry.ends_at - datetime.now(UTC)).total_seconds()))
    _write(target, entry.session, left, settings)


def drop_cookie(response: Response, settings: Settings) -> None:
    """Have the browser forget the cookie."""
    _write(response, "", 0, settings)


def _write(target: Response | Message, value: str, max_age: int, settings: Settings) -> None:
    public = settings.public_address
    made = Response()
    made.set_cookie(
        cookie_name(settings),
        value,
        max_age=max_age,
        path=(public.path if public else "") or "/",
        secure=is_encrypted(settings, config.get_option("server.sslCertFile")),
        httponly=True,
        samesite="lax",
    )
    headers = target.headers if isinstance(target, Response) else MutableHeaders(scope=target)
    headers.append("set-cookie", made.headers["set-cookie"])
