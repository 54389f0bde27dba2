"""Authentication: from the token that a request carries to its claims.

From a token to a refusal it is three steps: `Authenticator.authenticate` returns the claims or raises Unauthenticated,
`Claims.require` and its kin raise Forbidden, and they decide by the table in `jorge_data/permissions.py` alone.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from starlette.requests import HTTPConnection

from jorge_data.errors import Unauthenticated
from jorge_data.permissions import Right, may
from jorge_data.server.auth.allowed_origins import is_loopback, split_url
from jorge_data.server.auth.claims import ANONYMOUS, Claims
from jorge_data.server.auth.revocations import Revocations
from jorge_data.server.auth.tokens import Tokens

SUBPROTOCOL = "jorge.v1"
"""The subprotocol that is answered wherever it is offered."""

BEARER_PROTOCOL = "bearer."


@dataclass(frozen=True)
class Authenticator:
    """Verifies tokens, and lets anybody on this machine read without one where `anonymous` is set."""

    tokens: Tokens
    anonymous: bool
    origins: frozenset[str]
    revocations: Revocations

    def authenticate(self, connection: HTTPConnection) -> Claims:
        """Return the claims of a request's token, or anonymous ones; raise Unauthenticated."""
        token = carried_token(connection)
        if token is not None:
            return self.verify(token, connection)
        if self._reads_anonymously(connection):
            return ANONYMOUS
        raise Unauthenticated("a token is required: send it as `Authorization: Bearer <token>`")

    def verify(self, token: str, connection: HTTPConnection) -> Claims:
        """Return the claims of a token; raise TokenExpired, or Unauthenticated where it is not valid or was revoked."""
        claims = self.tokens.verify(token)
        if claims.token_id in self.revocations:
            raise Unauthenticated("the token was revoked: ask for a new one")
        if may(claims.role, Right.READ):
            return claims
        return replace(claims, reads_as_anonymous=self._reads_anonymously(connection))

    def _reads_anonymously(self, connection: HTTPConnection) -> bool:
        """Return whether a connection may read without a token: it comes to this machine by its own name."""
        # A page that rebinds its own name to 127.0.0.1 still sends that name as Host.
        host = split_url(f"//{connection.headers.get('host', '')}").hostname or ""
        return self.anonymous and is_loopback(host)


def carried_token(connection: HTTPConnection) -> str | None:
    """Return the token that a request carries in its header, or as a websocket subprotocol; never one from the URL."""
    scheme, _, token = connection.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and token:
        return token.strip()
    offered = ",".join(connection.headers.getlist("sec-websocket-protocol")).split(",")
    protocol = _bearer_protocol(each.strip() for each in offered)
    return None if protocol is None else protocol[len(BEARER_PROTOCOL) :]


def answered_subprotocol(offered: Sequence[str]) -> str | None:
    """Return the subprotocol that a handshake is answered with.

    `jorge.v1` wherever it is offered; else the token's, for browsers and node take nothing that they did not offer: the
    token goes back to the one that sent it, over the same connection (`docs/decisions.md`).
    """
    return SUBPROTOCOL if SUBPROTOCOL in offered else _bearer_protocol(offered)


def _bearer_protocol(offered: Iterable[str]) -> str | None:
    return next((protocol for protocol in offered if protocol.startswith(BEARER_PROTOCOL)), None)
