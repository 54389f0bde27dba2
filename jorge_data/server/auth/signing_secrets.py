"""The secrets that sign: at most two at once, the newest first, given by a setting or kept in a file beside the store.

A secret is replaced by a new one before it: what the old one has signed stays valid until it is replaced as well. The
kept file is looked at again while the server runs, so that a rotation there needs no restart.
"""

import os
import re
import secrets
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

from jorge_data.errors import SettingsError, StoreError

FILE = "token-secret"
KEYS_FILE = "signing-keys"
MOST = 2
MIN_SECRET_BYTES = 32
MIN_DISTINCT = 10

SAMPLE_WORDS = ("changeme", "changethis", "replaceme", "replacethis", "insecure", "yoursecret", "bitsecret")
"""What stands in a placeholder that was copied from a guide: an own phrase may well say that it is a secret."""

LOOK_S = 1.0
"""How often the kept file is looked at: a `stat`, not at every token."""


def key_id(secret: str) -> str:
    """Return by which name (`kid`) tokens say that they are signed with a secret; it does not tell the secret."""
    return sha256(b"jorge-kid:" + secret.encode()).hexdigest()[:16]


def split_secrets(given: str) -> tuple[str, ...]:
    """Return the secrets of a comma-separated list, the newest first."""
    return tuple(each.strip() for each in given.split(","))


def find_secrets(given: str, loopback: bool, folder: Path) -> Callable[[], Sequence[str]]:
    """Return how to read the secrets; without one given, one is made and stored (0600), enough on loopback alone.

    Raises SettingsError where one is weak or there are more than two, OSError where the folder cannot be written.
    """
    if given:
        checked = split_secrets(given)
        if len(checked) > MOST:
            raise SettingsError("JORGE_TOKEN_SECRET", f"<{len(checked)} secrets>", "two at once, comma-separated")
        for secret in checked:
            _check(secret)
        return lambda: checked
    if not loopback:
        raise SettingsError("JORGE_TOKEN_SECRET", "", "a secret of your own wherever the server is not on loopback")
    return KeptSecrets(folder / FILE)


class KeptSecrets:
    """The secrets in the file beside the store, as it is now; any thread may call."""

    def __init__(self, path: Path) -> None:
        self._path = path
        _make(path)
        self._stat = _stat(path)
        self._secrets = _read(path)
        self._looked = time.monotonic()

    def __call__(self) -> tuple[str, ...]:
        """Return the secrets, the newest first."""
        now = time.monotonic()
        if now - self._looked >= LOOK_S:
            self._looked = now
            with suppress(OSError):  # while it cannot be read, what was read is good
                stat = _stat(self._path)
                if stat != self._stat and (secrets := _read(self._path)):
                    self._stat, self._secrets = stat, secrets
        return self._secrets


def rotate(path: Path) -> str:
    """Put a new secret before the kept one and drop the one before that; return the new one's `kid`.

    Raises StoreError where the file cannot be written.
    """
    try:
        _make(path)
        draft = _draft(path, "\n".join((secrets.token_hex(32), *_read(path)[: MOST - 1])))
        draft.replace(path)
    except OSError as error:
        raise StoreError(f"{path} cannot be written: {error.strerror}") from None
    return key_id(_read(path)[0])


class NotedKeys:
    """The names (`kid`) of the secrets as the audit log last had them, in a file beside the store.

    By it a server sees at its start that they were replaced while it did not run.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> list[str]:
        """Return them, none where none were noted; raise OSError."""
        return self._path.read_text().split() if self._path.exists() else []

    def write(self, keys: Sequence[str]) -> None:
        """Note them; raise OSError."""
        _draft(self._path, "\n".join(keys)).replace(self._path)


def new_setting(given: str) -> str:
    """Return what JORGE_TOKEN_SECRET is set to so that a new secret signs and the one until now is still taken."""
    return ",".join((secrets.token_hex(32), *split_secrets(given)[: MOST - 1]))


def _check(secret: str) -> None:
    if _is_weak(secret):
        raise SettingsError(
            "JORGE_TOKEN_SECRET",
            f"<{len(secret.encode())} bytes, {len(set(secret))} distinct>",
            f"{MIN_SECRET_BYTES} bytes or more of chance, as `openssl rand -hex 32` gives",
        )


def _make(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        draft = _draft(path, secrets.token_hex(32))
        with suppress(FileExistsError):
            os.link(draft, path)  # at once and whole: of two processes that start together, both read the same
        draft.unlink()


def _draft(path: Path, text: str) -> Path:
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    with open(draft, "w", opener=_private) as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    return draft


def _read(path: Path) -> tuple[str, ...]:
    return tuple(path.read_text().split())[:MOST]


def _stat(path: Path) -> tuple[int, int, int]:
    stat = path.stat()
    return stat.st_ino, stat.st_mtime_ns, stat.st_size


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _is_weak(secret: str) -> bool:
    is_short = len(secret.encode()) < MIN_SECRET_BYTES or len(set(secret)) < MIN_DISTINCT
    repeats = secret in (secret + secret)[1:-1]
    return is_short or repeats or any(word in re.sub("[^a-z]", "", secret.lower()) for word in SAMPLE_WORDS)
