"""Tokens: signed claims of a subject, its role and its location, until a moment (JWT, HS256)."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import jwt

from jorge_data.errors import SettingsError, TokenExpired, Unauthenticated
from jorge_data.events import new_id
from jorge_data.events.encoding import has_surrogate, show
from jorge_data.events.timestamps import SECOND, rfc3339
from jorge_data.events.validation import ALLOWED_LOCATION, LOCATION
from jorge_data.permissions import ROLES, Role
from jorge_data.server.auth.claims import NEW_TOKEN, Claims
from jorge_data.server.auth.signing_secrets import key_id, split_secrets

ALGORITHM = "HS256"
ISSUER, AUDIENCE = "jorge", "jorge-events"
LEEWAY_S = 5
MOST_VERIFIED = 1024
"""Tokens whose signature need not be computed again; only their expiry is checked each time."""

LATEST_S = 253_402_300_799
"""The end of the year 9999: a later `exp` is no moment that anything here can hold."""


@dataclass(frozen=True)
class Identity:
    """Whose a person's token is: as which agent of the CRM he works, his name as it is shown, by which session."""

    agent_id: str | None = None
    name: str | None = None
    session: str | None = None


NOBODY = Identity()


class Tokens:
    """Issues and verifies tokens; signs with the newest of its secrets, and takes what any of them has signed."""

    def __init__(self, secrets: str | Callable[[], Sequence[str]]) -> None:
        """Take secrets, comma-separated and the newest first, or what returns those of this moment."""
        fixed = () if callable(secrets) else split_secrets(secrets)
        self._secrets = secrets if callable(secrets) else lambda: fixed
        self._verified: dict[tuple[str, ...], dict[tuple[str, str], Claims]] = {}

    @property
    def secrets(self) -> tuple[str, ...]:
        """The secrets of this moment, the newest first."""
        return tuple(self._secrets())

    def issue(
        self, role: Role, subject: str, ttl_s: float, location: str | None = None, identity: Identity = NOBODY
    ) -> str:
        """Return a token for a role, valid for so many seconds, bound to a location where one is given."""
        now = time.time()
        secret = self.secrets[0]
        claims: dict[str, Any] = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": subject,
            "role": role,
            "iat": int(now),
            "exp": int(now + ttl_s),
            "jti": new_id(),
        }
        optional = {
            "locationid": location,
            "agent_id": identity.agent_id,
            "name": identity.name,
            "sid": identity.session,
        }
        claims |= {name: value for name, value in optional.items() if value}
        return jwt.encode(claims, secret, ALGORITHM, {"kid": key_id(secret)})

    def verify(self, token: str, address: str = "") -> Claims:
        """Return the claims of a token that came from an address; raise TokenExpired, or Unauthenticated with why."""
        secrets = self.secrets
        verified = self._verified.get(secrets)
        if verified is None:  # another set of secrets: what an older one has verified counts no more
            self._verified = {secrets: (verified := {})}
        claims = verified.get((token, address))
        if claims is None:
            if len(verified) >= MOST_VERIFIED:
                verified.clear()
            claims = verified[token, address] = replace(_decode(token, secrets), address=address)
        if claims.expires is not None and claims.expires + LEEWAY_S <= time.time():
            ended, now = (rfc3339(int(at) * SECOND) for at in (claims.expires, time.time()))
            raise TokenExpired(f"the token has expired: it ended at {ended}, and here it is {now}; {NEW_TOKEN}")
        return claims


def _decode(token: str, secrets: Sequence[str]) -> Claims:
    try:
        for secret in _candidates(token, secrets):
            try:
                claims = _decode_with(token, secret)
            except jwt.InvalidSignatureError:
                continue
            return _read(claims, key_id(secret))
    except (jwt.PyJWTError, ValueError, OverflowError) as error:
        raise Unauthenticated(f"the token is not valid: {str(error)[:200]}; {NEW_TOKEN}") from None
    except RecursionError:
        raise Unauthenticated("the token is not valid: its JSON is too deep") from None
    raise Unauthenticated(f"the token is not valid: no key of this server signed it; {NEW_TOKEN}")


def _decode_with(token: str, secret: str) -> dict[str, Any]:
    return jwt.decode(
        token,
        secret,
        algorithms=[ALGORITHM],
        leeway=LEEWAY_S,
        # `exp` is looked at here, for the library fails at one of 10^400. `iat` bounds nothing: where it is later than
        # now, one of two clocks is wrong, and the token is good. `iss` and `aud` may be missing, but not be another's.
        options={
            "require": ["sub", "role", "exp", "jti"],
            "verify_exp": False,
            "verify_iat": False,
            "verify_iss": False,
            "verify_aud": False,
        },
    )


def _candidates(token: str, secrets: Sequence[str]) -> Sequence[str]:
    """Return the secret that the token's head names; all of them where it names none, as tokens made elsewhere do."""
    head = jwt.get_unverified_header(token)
    if "kid" not in head:
        return secrets
    named = [secret for secret in secrets if key_id(secret) == head["kid"]]
    if not named:
        raise Unauthenticated(
            f"the token's kid is {show(head['kid'])}: allowed are none and {', '.join(map(key_id, secrets))}; a key "
            "that was replaced is taken no more, ask for a new token"
        )
    return named


def _read(claims: dict[str, Any], key: str) -> Claims:
    role, location, sources = claims["role"], claims.get("locationid"), claims.get("sources")
    if role not in ROLES:
        raise Unauthenticated(f"the token's role is {show(role)}: allowed are {', '.join(ROLES)}")
    if location is not None and not (isinstance(location, str) and LOCATION.fullmatch(location)):
        raise Unauthenticated(f"the token's locationid is {show(location)}: {ALLOWED_LOCATION}")
    if sources is not None and not (isinstance(sources, list) and all(isinstance(s, str) for s in sources)):
        raise Unauthenticated(f"the token's sources are {show(sources)}: allowed is a list of text")
    for name in ("sub", "jti"):
        if not isinstance(claims[name], str) or has_surrogate(claims[name]):
            raise Unauthenticated(f"the token's {name} is {show(claims[name])}: allowed is text")
    if claims.get("iss") not in (None, ISSUER):
        raise Unauthenticated(f"the token's iss is {show(claims['iss'])}: allowed are none and {ISSUER}")
    audience = claims.get("aud")
    if audience not in (None, AUDIENCE) and not (isinstance(audience, list) and AUDIENCE in audience):
        raise Unauthenticated(f"the token's aud is {show(audience)}: allowed are none and {AUDIENCE}")
    return Claims(
        subject=claims["sub"],
        role=role,
        location=location,
        expires=_expiry(claims["exp"]),
        sources=None if sources is None else frozenset(sources),  # an empty list binds the token to nothing
        token_id=claims["jti"],
        agent_id=_text(claims, "agent_id"),
        name=_text(claims, "name"),
        session=_text(claims, "sid"),
        key=key,
    )


def _text(claims: dict[str, Any], name: str) -> str | None:
    """Return a claim that may be missing; raise Unauthenticated where it is no text, or empty: it could bind nobody."""
    value = claims.get(name)
    if value is not None and not (isinstance(value, str) and 1 <= len(value) <= 128 and not has_surrogate(value)):
        raise Unauthenticated(f"the token's {name} is {show(value)}: allowed is text of 1–128 characters")
    return value


def _expiry(exp: Any) -> float:
    """Return `exp` in seconds since 1970; raise Unauthenticated where it is no moment."""
    if isinstance(exp, bool) or not isinstance(exp, int | float) or not 0 <= exp <= LATEST_S:  # nor is NaN
        raise Unauthenticated(f"the token's exp is {show(exp)}: allowed are seconds since 1970, up to the year 9999")
    return float(exp)


def check_role(role: str) -> Role:
    """Return a role by its name; raise SettingsError with what is allowed."""
    for each in ROLES:
        if each == role:
            return each
    raise SettingsError("--role", role, ", ".join(ROLES))
