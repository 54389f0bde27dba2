"""Tokens: signed claims of a subject, its role and its location, until a moment (JWT, HS256)."""

import os
import secrets
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jwt

from jorge_data.errors import SettingsError, TokenExpired, Unauthenticated
from jorge_data.events import new_id
from jorge_data.events.encoding import has_surrogate, show
from jorge_data.events.timestamps import SECOND, rfc3339
from jorge_data.events.validation import ALLOWED_LOCATION, LOCATION
from jorge_data.permissions import ROLES, Role
from jorge_data.server.auth.claims import Claims

ALGORITHM = "HS256"
LEEWAY_S = 5
MIN_SECRET_BYTES = 32
MOST_VERIFIED = 1024
"""Tokens whose signature need not be computed again; only their expiry is checked each time."""

MIN_DISTINCT = 10

LATEST_S = 253_402_300_799
"""The end of the year 9999: a later `exp` is no moment that anything here can hold."""


@dataclass(frozen=True)
class Tokens:
    """Issues and verifies tokens with one secret."""

    secret: str
    _verified: dict[str, Claims] = field(default_factory=dict, repr=False, compare=False)

    def issue(self, role: Role, subject: str, ttl_s: float, location: str | None = None) -> str:
        """Return a token for a role, valid for so many seconds, bound to a location where one is given."""
        now = time.time()
        claims: dict[str, Any] = {
            "sub": subject,
            "role": role,
            "iat": int(now),
            "exp": int(now + ttl_s),
            "jti": new_id(),
        }
        if location:
            claims["locationid"] = location
        return jwt.encode(claims, self.secret, ALGORITHM)

    def verify(self, token: str) -> Claims:
        """Return the claims of a token; raise TokenExpired, or Unauthenticated with the reason."""
        claims = self._verified.get(token)
        if claims is None:
            if len(self._verified) >= MOST_VERIFIED:
                self._verified.clear()
            claims = self._verified[token] = self._decode(token)
        if claims.expires is not None and claims.expires + LEEWAY_S <= time.time():
            ended, now = (rfc3339(int(at) * SECOND) for at in (claims.expires, time.time()))
            raise TokenExpired(f"the token has expired: it ended at {ended}, and here it is {now}; ask for a new one")
        return claims

    def _decode(self, token: str) -> Claims:
        try:
            claims = jwt.decode(
                token,
                self.secret,
                algorithms=[ALGORITHM],
                leeway=LEEWAY_S,
                # `exp` is looked at here, for the library fails at one of 10^400. `iat` bounds nothing: where it is
                # later than now, one of two clocks is wrong, and the token is good.
                options={"require": ["sub", "role", "exp", "jti"], "verify_exp": False, "verify_iat": False},
            )
        except (jwt.PyJWTError, ValueError, OverflowError) as error:
            raise Unauthenticated(f"the token is not valid: {str(error)[:200]}") from None
        except RecursionError:
            raise Unauthenticated("the token is not valid: its JSON is too deep") from None
        return _read(claims)


def _read(claims: dict[str, Any]) -> Claims:
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
    return Claims(
        subject=claims["sub"],
        role=role,
        location=location,
        expires=_expiry(claims["exp"]),
        sources=None if sources is None else frozenset(sources),  # an empty list binds the token to nothing
        token_id=claims["jti"],
    )


def _expiry(exp: Any) -> float:
    """Return `exp` in seconds since 1970; raise Unauthenticated where it is no moment."""
    if isinstance(exp, bool) or not isinstance(exp, int | float) or not 0 <= exp <= LATEST_S:  # nor is NaN
        raise Unauthenticated(f"the token's exp is {show(exp)}: allowed are seconds since 1970, up to the year 9999")
    return float(exp)


def find_secret(given: str, loopback: bool, folder: Path) -> str:
    """Return the secret to sign with; without one, make and store it (0600), which is enough on loopback alone."""
    if given:
        if _is_weak(given):
            raise SettingsError(
                "JORGE_TOKEN_SECRET",
                f"<{len(given.encode())} bytes, {len(set(given))} distinct>",
                f"{MIN_SECRET_BYTES} bytes or more of chance, as `openssl rand -hex 32` gives",
            )
        return given
    if not loopback:
        raise SettingsError("JORGE_TOKEN_SECRET", "", "a secret of your own wherever the server is not on loopback")
    return _stored_secret(folder / "token-secret")


def _is_weak(secret: str) -> bool:
    return len(secret.encode()) < MIN_SECRET_BYTES or len(set(secret)) < MIN_DISTINCT


def _stored_secret(path: Path) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
        with open(draft, "w", opener=_private) as file:
            file.write(secrets.token_hex(32))
        with suppress(FileExistsError):
            os.link(draft, path)  # at once and whole: of two processes that start together, both read the same
        draft.unlink()
    return path.read_text().strip()


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def check_role(role: str) -> Role:
    """Return a role by its name; raise SettingsError with what is allowed."""
    for each in ROLES:
        if each == role:
            return each
    raise SettingsError("--role", role, ", ".join(ROLES))
