"""`doctor`: checks what a start needs, and says what to do about each failure."""

import platform
import socket
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import requests
import typer

from jorge_data.cli.options import settings_with
from jorge_data.errors import JorgeError
from jorge_data.events.timestamps import in_words, parse_moment
from jorge_data.http_client import HTTPSession, http_session, is_loopback, lasting_fault, why_unreachable
from jorge_data.settings import Settings

MAX_CLOCK_DRIFT_S = 5.0


def doctor() -> None:
    """Check ports, store, token, clock and versions, and say what to do."""
    findings = examine(settings_with())
    for finding in findings:
        typer.echo(str(finding))
    raise typer.Exit(0 if all(finding.passed for finding in findings) else 1)


@dataclass(frozen=True)
class Finding:
    """The result of one check: whether it passed, what it saw, and what to do where it failed."""

    subject: str
    passed: bool
    detail: str
    remedy: str = ""

    def __str__(self) -> str:
        line = f"{'ok  ' if self.passed else 'FAIL'} {self.subject}: {self.detail}"
        return line if self.passed or not self.remedy else f"{line}\n     -> {self.remedy}"


def examine(settings: Settings) -> list[Finding]:
    """Check versions, store, secret, server, clock and ports; never raises."""
    checks: list[Callable[[Settings], Iterator[Finding]]] = [_versions, _store, _secret, _server, _dashboard_port]
    return [finding for check in checks for finding in check(settings)]


def _versions(settings: Settings) -> Iterator[Finding]:
    yield Finding("python", True, platform.python_version())
    fixed = sqlite3.sqlite_version_info >= (3, 51, 3)
    note = "" if fixed else " (has the WAL-reset bug, which our one writer keeps clear of)"
    yield Finding("sqlite", True, sqlite3.sqlite_version + note)


def _store(settings: Settings) -> Iterator[Finding]:
    path = settings.store_file
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
    result = _quick_check(path)
    yield Finding("store", result == "ok", f"{path}: {result}", "restore the last backup")
    yield _audit_log(path)


def _audit_log(path: Path) -> Finding:
    """Return whether the audit log is as it was written, and its end, which may be noted elsewhere and compared."""
    from jorge_data.store import verify_audit_log

    remedy = "compare it with an export or a backup: somebody has changed the store's files"
    try:
        found = verify_audit_log(path)
    except (JorgeError, OSError) as error:
        return Finding("audit log", False, str(error), "restore the last backup")
    if found is None:
        return Finding("audit log", True, "it is chained at the next start")
    detail = f"{found.entries} entries are as they were written; the last has the hash {found.head}"
    return Finding("audit log", found.fault is None, found.fault or detail, remedy)


def _quick_check(path: Path) -> str:
    try:
        with closing(sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True)) as connection:
            return str(connection.execute("PRAGMA quick_check(1)").fetchone()[0])
    except sqlite3.Error as error:
        return str(error)


def _secret(settings: Settings) -> Iterator[Finding]:
    from jorge_data.server.main import tokens_of

    try:
        tokens_of(settings)
        yield Finding("token secret", True, "strong enough")
    except (JorgeError, OSError) as error:
        yield Finding("token secret", False, str(error), "set JORGE_TOKEN_SECRET, as from `openssl rand -hex 32`")


def _server(settings: Settings) -> Iterator[Finding]:
    with http_session(settings.api_url, ca_file=settings.ca_file) as session:
        yield from _answers_of(session, settings)


def _answers_of(session: HTTPSession, settings: Settings) -> Iterator[Finding]:
    try:
        response = session.get(f"{settings.api_url}/health", timeout=2)
    except requests.RequestException as error:
        yield _unreachable_server(settings, error)
        return
    ours = _is_ours(response)
    detail = f"{settings.api_url} answers" if ours else f"what answers at {settings.api_url} is not our event server"
    yield Finding("event server", ours, detail, "another program holds the port: set JORGE_PORT")
    if ours:
        yield from _parts(response.json())
        yield from _clock(response)
        yield from _token(settings)


REMEDIES = {
    "store": "free space, or restore the last backup; it is tried again by itself",
    "archive": "put the files back from a backup: their days are then counted by themselves",
    "rollups": "the server's log says which; `python -m jorge_data rebuild` counts anew",
}
"""What to do about a part that is not well, where that is known."""


def _parts(health: dict[str, Any]) -> Iterator[Finding]:
    """Yield a finding for each part of the server that is not well; one for all where they are."""
    parts = {name: part for name, part in health.get("parts", {}).items() if part["state"] != "ok"}
    if not parts:
        yield Finding("parts of the server", True, "all are well")
    for name, part in parts.items():
        detail = "; ".join([f"{part['state']} since {part['since']}: {part['why']}", *part.get("details", ())])
        yield Finding(f"part {name}", False, detail, REMEDIES.get(name, ""))


def _is_ours(response: requests.Response) -> bool:
    try:
        body = response.json()
    except requests.JSONDecodeError:
        return False
    return isinstance(body, dict) and body.get("service") == "jorge-events"


def _unreachable_server(settings: Settings, error: requests.RequestException) -> Finding:
    """Return the finding for no answer: nothing listens, which a start mends, or another program holds the port."""
    if lasting := lasting_fault(error, settings.api_url):
        return Finding("event server", False, lasting)
    if not is_loopback(settings.api_url):
        return Finding("event server", False, why_unreachable(error, settings.api_url))
    parts = urlsplit(settings.api_url)
    host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
    if not _is_taken(host, port):
        return Finding(
            "event server", True, f"not running at {settings.api_url}; `python -m jorge_data serve` starts it"
        )
    remedy = "end the program that holds the port, or set JORGE_PORT"
    return Finding("event server", False, f"port {port} on {host} is held, and does not answer as our server", remedy)


def _clock(response: requests.Response) -> Iterator[Finding]:
    told = response.json().get("time")  # a proxy sets `Date` by its own clock
    if told is None and "date" not in response.headers:
        return
    theirs = parse_moment(told) if told else parsedate_to_datetime(response.headers["date"])
    behind_s = (datetime.now(UTC) - theirs).total_seconds()
    side = "behind" if behind_s > 0 else "ahead of"
    detail = f"the event server's is {in_words(behind_s)} {side} this machine's"
    yield Finding("clock", abs(behind_s) < MAX_CLOCK_DRIFT_S, detail, "synchronize the clocks")


def _token(settings: Settings) -> Iterator[Finding]:
    token = settings.token.get_secret_value()
    if not token:
        return
    try:
        with http_session(settings.api_url, token, ca_file=settings.ca_file) as session:
            response = session.get(f"{settings.api_url}/events", params={"limit": "1"}, timeout=2)
        passed = response.ok
        detail = "the server takes it" if passed else f"the server refuses it: {response.text[:200]}"
    except (requests.RequestException, UnicodeError) as error:
        passed, detail = False, f"it cannot be sent: {type(error).__name__}"
    yield Finding("token", passed, detail, "set JORGE_TOKEN to one that `python -m jorge_data token` prints")


def _dashboard_port(settings: Settings) -> Iterator[Finding]:
    taken = _is_taken("127.0.0.1", settings.dashboard_port)
    detail = f"port {settings.dashboard_port} is {'in use: is the dashboard running already?' if taken else 'free'}"
    yield Finding("dashboard", True, detail)


def _is_taken(host: str, port: int) -> bool:
    try:
        socket.create_connection((host, port), timeout=1).close()
    except OSError:
        return False
    return True
