"""The doctor: looks at what a start needs, and says what to do about what is amiss."""

import platform
import socket
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path

import requests

from jorge_data.errors import JorgeError
from jorge_data.settings import Settings

MAX_CLOCK_DRIFT_S = 5.0


@dataclass(frozen=True)
class Finding:
    """One thing looked at: whether it is well, what was found, and what to do if it is not."""

    subject: str
    well: bool
    found: str
    remedy: str = ""

    def __str__(self) -> str:
        line = f"{'ok  ' if self.well else 'FAIL'} {self.subject}: {self.found}"
        return line if self.well or not self.remedy else f"{line}\n     -> {self.remedy}"


def examine(settings: Settings) -> list[Finding]:
    """Look at versions, store, secret, server, clock and ports; never raises."""
    checks: list[Callable[[Settings], Iterator[Finding]]] = [_versions, _store, _secret, _server, _dashboard_port]
    return [finding for check in checks for finding in check(settings)]


def _versions(settings: Settings) -> Iterator[Finding]:
    yield Finding("python", True, platform.python_version())
    fixed = sqlite3.sqlite_version_info >= (3, 51, 3)
    note = "" if fixed else " (has the WAL-reset bug, which our one writer keeps clear of)"
    yield Finding("sqlite", True, sqlite3.sqlite_version + note)


def _store(settings: Settings) -> Iterator[Finding]:
    path = Path(settings.store_url.removeprefix("sqlite:///"))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        probe = path.parent / ".doctor"
        probe.write_bytes(b"")
        probe.unlink()
    except OSError as error:
        yield Finding("store", False, f"{path.parent} cannot be written: {error.strerror}", "set JORGE_STORE_URL")
        return
    if not path.exists():
        yield Finding("store", True, f"{path} will be made at the first start")
        return
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as connection:
        (verdict,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    connection.close()
    yield Finding("store", verdict == "ok", f"{path}: {verdict}", "restore the last backup")


def _secret(settings: Settings) -> Iterator[Finding]:
    from jorge_data.server.serve import tokens_of

    try:
        tokens_of(settings)
        yield Finding("token secret", True, "strong enough")
    except (JorgeError, OSError) as error:
        yield Finding("token secret", False, str(error), "set JORGE_TOKEN_SECRET, as from `openssl rand -hex 32`")


def _server(settings: Settings) -> Iterator[Finding]:
    try:
        answer = requests.get(f"{settings.api_url}/health", timeout=2)
    except requests.RequestException:
        yield from _port("event server", settings.host, settings.port, "not running; its port is free")
        return
    ours = answer.headers.get("content-type") == "application/json" and answer.json().get("service") == "jorge-events"
    yield Finding("event server", ours, f"{settings.api_url} answers", "another program holds the port: set JORGE_PORT")
    if ours and "date" in answer.headers:
        drift = abs((datetime.now(UTC) - parsedate_to_datetime(answer.headers["date"])).total_seconds())
        yield Finding("clock", drift < MAX_CLOCK_DRIFT_S, f"{drift:.0f} s from the server's", "synchronize the clocks")


def _dashboard_port(settings: Settings) -> Iterator[Finding]:
    yield from _port("dashboard", "127.0.0.1", settings.dashboard_port, "its port is free")


def _port(subject: str, host: str, port: int, free: str) -> Iterator[Finding]:
    with socket.socket() as probe:
        probe.settimeout(1)
        taken = probe.connect_ex((host, port)) == 0
    yield Finding(subject, True, f"port {port} is in use" if taken else f"{free} ({port})")
