"""Authentication: from the token that a request carries to its claims.

From a token to a refusal it is three steps: `Authenticator.authenticate` returns the claims or raises Unauthenticated,
`Claims.require` and its kin raise Forbidden, and they decide by the table in `jorge_data/permissions.py` alone.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from starlette.requests import HTTPConnection

from jorge_data.errors import SessionEnded, Unauthenticated
from jorge_data.forwarding import sign_of_forwarding
from jorge_data.permissions import Right, may
from jorge_data.public_address import Origin
from jorge_data.server.auth.claims import ANONYMOUS, TOKEN_REQUIRED, Claims
from jorge_data.server.auth.revocations import Revocations, session_key
from jorge_data.server.auth.tokens import Tokens

SUBPROTOCOL = "jorge.v1"
"""The subprotocol that is answered wherever it is offered."""

BEARER_PROTOCOL = "bearer."

NOTED = "jorge.claims"
"""Under this name a request's scope has its claims, for whoever records that it was refused."""


@dataclass(frozen=True)
class Authenticator:
    """Verifies tokens, and lets who comes straight from this machine read without one where `anonymous` is set."""

    tokens: Tokens
    anonymous: bool
    this_machine_alone: bool
    """Whether the server listens on loopback and knows of no public address."""

    origins: frozenset[Origin]
    revocations: Revocations

    session_addresses: dict[str, str] = field(default_factory=dict)
    """From where each person came in who is logged in: his requests come from a dashboard."""

    def authenticate(self, connection: HTTPConnection, anonymous_reading: bool = True) -> Claims:
        """Return the claims of a request's token, or anonymous ones; raise Unauthenticated.

        `anonymous_reading`: whether a token without the right to read gets what is open to everybody.
        """
        token = carried_token(connection)
        if token is not None:
            return self.verify(token, connection, anonymous_reading)
        if self._reads_anonymously(connection):
            return _noted(replace(ANONYMOUS, address=_address(connection)), connection)
        # Why, where somebody asked for reading without one: else he would look for his mistake in the settings.
        why = f"; {sign_of_forwarding(connection)} shows that the request was forwarded" if self.anonymous else ""
        raise Unauthenticated(f"{TOKEN_REQUIRED}{why}")

    def verify(self, token: str, connection: HTTPConnection, anonymous_reading: bool = True) -> Claims:
        """Return the claims of a token; raise TokenExpired, or Unauthenticated where it is not valid or was revoked.

        `anonymous_reading` is that of `authenticate`.
        """
        claims = self.tokens.verify(token, _address(connection))
        if known := self.session_addresses.get(claims.session or ""):
            claims = replace(claims, address=known)
        _noted(claims, connection)
        if claims.token_id in self.revocations:
            raise Unauthenticated("the token was revoked: ask for a new one")
        if session_key(claims.session) in self.revocations:
            raise SessionEnded("the session of this token has ended: log in again")
        if not anonymous_reading or may(claims.role, Right.READ):
            return claims
        return replace(claims, reads_as_anonymous=self._reads_anonymously(connection))

    def is_local(self, connection: HTTPConnection) -> bool:
        """Return whether a request comes straight from this machine, as far as it shows."""
        return self.this_machine_alone and sign_of_forwarding(connection) is None

    def _reads_anonymously(self, connection: HTTPConnection) -> bool:
        return self.anonymous and self.is_local(connection)


def noted_claims(connection: HTTPConnection) -> Claims | None:
    """Return whose request it is, None where that is not known; also where it was refused."""
    claims: Claims | None = connection.scope.get(NOTED)
    return claims


def _noted(claims: Claims, connection: HTTPConnection) -> Claims:
    connection.scope[NOTED] = claims
    return claims


def _address(connection: HTTPConnection) -> str:
    return connection.client.host if connection.client else ""


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
