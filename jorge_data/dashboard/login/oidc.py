"""OpenID Connect: who shows the provider who he is comes in, for as long as the provider says so."""

import asyncio
import logging
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any
from urllib.parse import urlencode

import httpx2
from authlib.integrations.starlette_client import OAuth, OAuthError
from joserfc.errors import JoseError
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from jorge_data.dashboard.login.html_pages import page
from jorge_data.dashboard.login.paths import CALLBACK, LOGIN, own_page
from jorge_data.dashboard.login.session_client import LoginSession, SessionClient
from jorge_data.errors import LoginRefused, Unauthenticated
from jorge_data.http_client import proxy_of, tls_context
from jorge_data.settings import Settings

ANSWERED_WITHIN_S = 10.0
NEXT = "next"

_log = logging.getLogger(__name__)


class ProviderRefused(Unauthenticated):
    """The provider, or what it said, lets nobody in; the text is for the person."""


class OidcProvider:
    """The provider that the settings name: the way there, and back with an identity (code flow, PKCE, nonce)."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.cookie_secret = secrets.token_hex(32)
        """Signs what a browser holds between the two: a login that is under way does not outlive this process."""
        url = settings.oidc_metadata_url
        self._app = OAuth().register(
            "provider",
            client_id=settings.oidc_client_id,
            client_secret=settings.oidc_client_secret.get_secret_value() or None,
            server_metadata_url=url,
            client_kwargs={
                "scope": "openid email profile",
                "code_challenge_method": "S256",
                "verify": tls_context(settings.ca_file),
                "proxy": proxy_of(url),
                "trust_env": False,
                "timeout": ANSWERED_WITHIN_S,
            },
        )

    async def leave_for(self, request: Request) -> Response:
        """Send a browser to the provider."""
        request.session[NEXT] = own_page(request.query_params.get("next"))
        try:
            response: Response = await self._app.authorize_redirect(request, self._address(request) + CALLBACK)
        except (OAuthError, httpx2.HTTPError, ValueError, KeyError, RuntimeError) as error:
            _log.warning("the login provider cannot be asked: %s: %s", type(error).__name__, error)
            text = ["Your company's login does not answer. Try again in a moment."]
            return page("You are not logged in", text=text, link=("Try again", "../login"), status=503)
        response.headers["Cache-Control"] = "no-store"
        return response

    async def come_back(
        self, request: Request, client: SessionClient, address: str
    ) -> tuple[LoginSession, str, str | None]:
        """Return the session of whom the provider vouches for, where he wanted to go, and where he logs out there.

        Raises ProviderRefused, and what the event server refuses.
        """
        try:
            token = await self._app.authorize_access_token(request)
            identity: Mapping[str, Any] = token["userinfo"]
            claims = dict(identity) | await self._more(token, identity)
        except (OAuthError, JoseError, httpx2.HTTPError, ValueError, KeyError, RuntimeError) as error:
            _log.warning("a login by the provider was refused: %s: %s", type(error).__name__, error)
            raise ProviderRefused(
                "Your company's login did not let you in, or it was begun in another window or too long ago."
            ) from None
        target = str(request.session.pop(NEXT, "/"))
        ends_at = datetime.fromtimestamp(float(identity["exp"]), UTC)
        said = {"issuer": str(identity["iss"]), "subject": str(identity["sub"]), "ends_at": ends_at.isoformat()}
        entry = await self._entry(claims, client, address, said)
        return entry, target, await self._farewell(request, token)

    async def log_out(self, request: Request) -> Response:
        """Send a browser to the provider's log-out without an identity: the provider asks whom it holds for this one.

        It is sent to the login where the provider has no such address, or does not answer.
        """
        target = LOGIN
        try:
            metadata = await self._app.load_server_metadata()
        except (httpx2.HTTPError, ValueError, RuntimeError) as error:
            _log.warning("the provider's log-out is not known: %s", type(error).__name__)
        else:
            if endpoint := metadata.get("end_session_endpoint"):
                back = self._address(request) + LOGIN
                query = urlencode({"client_id": self._settings.oidc_client_id, "post_logout_redirect_uri": back})
                target = f"{endpoint}{'&' if '?' in endpoint else '?'}{query}"
        return RedirectResponse(target, 303, {"Cache-Control": "no-store"})

    async def _more(self, token: Any, identity: Mapping[str, Any]) -> dict[str, Any]:
        """Return what the provider says of a person beside the identity itself, where that has no address."""
        metadata = await self._app.load_server_metadata()
        if "email" in identity or "userinfo_endpoint" not in metadata:
            return {}
        said = dict(await self._app.userinfo(token=token))
        if said.get("sub") != identity["sub"]:
            raise ValueError("userinfo is of another person than the identity")
        return {name: said[name] for name in ("email", "email_verified") if name in said}

    async def _entry(
        self, claims: Mapping[str, Any], client: SessionClient, address: str, said: Mapping[str, str]
    ) -> LoginSession:
        """Begin a session in the name of the address, where the provider has verified it; else in that of its `sub`.

        The names count at the first login alone: then the account is the user's, whatever it is called.
        """
        verified = claims.get("email") if claims.get("email_verified") in (True, "true") else None
        names = [str(name) for name in (verified, claims["sub"]) if name]
        for name in names:
            try:
                return await asyncio.to_thread(partial(client.vouch, "oidc", name, address, **said))
            except LoginRefused:
                continue
        raise ProviderRefused(
            f"Nobody has added {names[0][:128]} here, or another account came in by that name before. Ask an admin."
        )

    async def _farewell(self, request: Request, token: Mapping[str, Any]) -> str | None:
        """Return where a person logs out at the provider; None where it has no such address."""
        metadata = await self._app.load_server_metadata()
        if not metadata.get("end_session_endpoint"):
            return None
        made = await self._app.create_logout_url(
            post_logout_redirect_uri=self._address(request) + LOGIN, id_token_hint=token["id_token"]
        )
        return str(made["url"])

    def _address(self, request: Request) -> str:
        """Return the dashboard's own address in the browser."""
        public = self._settings.public_address
        return public.url if public else f"{request.url.scheme}://{request.url.netloc}"
