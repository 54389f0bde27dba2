"""Passwords: which may be chosen, and their hashes (argon2id), computed on threads of their own and few at once."""

import asyncio
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from jorge_data.errors import Invalid, Unavailable

T = TypeVar("T")

LEAST, MOST = 12, 256
LEAST_DISTINCT = 5

AT_ONCE = 2
"""Hashes computed at once: each takes 64 MiB and some 50 ms of a core or more, which is what makes guessing dear."""

WAITING = 32
"""Most that wait for one: some seconds' worth."""


class Passwords:
    """Hashes and verifies; a name without a password costs as much as any other."""

    def __init__(self) -> None:
        self._hasher = PasswordHasher()
        self._threads = ThreadPoolExecutor(AT_ONCE, "passwords")
        self._waiting = 0
        self._nobodys: str | None = None

    async def hash(self, password: str) -> str:
        """Return the hash of a password; raise Unavailable where too many wait."""
        return await self._compute(self._hasher.hash, _typed(password))

    async def matches(self, hashed: str | None, password: str) -> bool:
        """Return whether a password is that of a hash; without a hash False, after as much work."""
        return await self._compute(self._matches, hashed, _typed(password))

    def is_outdated(self, hashed: str) -> bool:
        """Return whether a hash was made with other costs than those of now."""
        return self._hasher.check_needs_rehash(hashed)

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _matches(self, hashed: str | None, password: str) -> bool:
        if self._nobodys is None:
            self._nobodys = self._hasher.hash("of nobody")
        try:
            self._hasher.verify(hashed or self._nobodys, password)
        except (VerificationError, InvalidHashError):
            return False
        return hashed is not None

    async def _compute(self, work: Callable[..., T], *given: str | None) -> T:
        if self._waiting >= WAITING:
            raise Unavailable(f"{self._waiting} passwords wait to be verified: no more can be", retry_after_s=2)
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work, *given)
        finally:
            self._waiting -= 1


def _typed(password: str) -> str:
    """Return a password in one form of Unicode: keyboards differ in how they compose an accent."""
    return unicodedata.normalize("NFC", password)


def check_password(password: str, name: str) -> None:
    """Raise Invalid, which does not repeat it, where a password may not be chosen."""
    if not LEAST <= len(password) <= MOST:
        raise Invalid(f"the password has {len(password)} characters: allowed are {LEAST} to {MOST}")
    if len(set(password)) < LEAST_DISTINCT:
        raise Invalid(f"the password has fewer than {LEAST_DISTINCT} different characters: choose another")
    if name and name.casefold() in password.casefold():
        raise Invalid("the password contains the name: choose another")
