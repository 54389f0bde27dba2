"""`doctor`: checks what a start needs, and says what to do about each failure."""

import asyncio
import platform
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from difflib import get_close_matches
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests
import typer

from jorge_data.errors import JorgeError, SettingsError, SourceFailed
from jorge_data.events.timestamps import in_words, parse_moment
from jorge_data.http_client import HTTPSession, http_session, is_loopback, lasting_fault, why_unreachable
from jorge_data.settings import PREFIX, Settings, read_settings_with_faults, setting_names, unknown_names

MAX_CLOCK_DRIFT_S = 5.0


def doctor() -> None:
    """Check settings, ports, store, token, clock and versions, and what is set of Redis and GoHighLevel."""
    settings, faults = read_settings_with_faults()
    findings = [*(Finding("settings", False, str(fault)) for fault in faults), *_unknown(), *examine(settings)]
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
    """Check versions, store, secret, server, clock, ports, and the sources that are set; never raises."""
    checks: list[Callable[[Settings], Iterator[Finding]]] = [
        *(_versions, _store, _secret, _server, _dashboard_port),
        *(_redis, _gohighlevel, _webhooks),
    ]
    return [finding for check in checks for finding in check(settings)]


def _unknown() -> Iterator[Finding]:
    """Yield a finding for each name of ours that sets nothing, with the one that it may have been meant for."""
    known = [name for name in setting_names() if name.startswith(PREFIX)]
    for name in unknown_names():
        meant = get_close_matches(name, known, n=1, cutoff=0.8)
        yield Finding("settings", False, f"{name} sets nothing", f"did you mean {meant[0]}?" if meant else REMOVE)


REMOVE = "remove it; the README has a table of all settings"


def _versions(settings: Settings) -> Iterator[Finding]:
    from jorge_data.store import ENGINE

    yield Finding("python", True, platform.python_version())
    yield Finding("sqlite", True, ENGINE)


def _store(settings: Settings) -> Iterator[Finding]:
    from jorge_data.store import find_fault

    if settings.on_postgresql:
        yield _postgresql(settings)
        return
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
    fault = find_fault(path)
    yield Finding("store", fault is None, f"{path}: {fault or 'ok'}", "restore the last backup")
    yield _audit_log(path)


def _postgresql(settings: Settings) -> Finding:
    from jorge_data.store import find_fault_of_postgresql

    fault = find_fault_of_postgresql(settings.store_url)
    own = "PostgreSQL answers; back it up by its own tools, with the archive's files; one event server at a time"
    return Finding("store", fault is None, fault or own, "set JORGE_STORE_URL, or start PostgreSQL")


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


def _secret(settings: Settings) -> Iterator[Finding]:
    from jorge_data.server.auth.own_tokens import tokens_of

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


def _redis(settings: Settings) -> Iterator[Finding]:
    """Try the Redis that events are taken from, where one is set; its URL may hold a password, and is not told."""
    if not (url := settings.redis_url.get_secret_value()):
        return
    from jorge_data.server.redis_source import kind_of_key

    try:
        kind = asyncio.run(kind_of_key(url, settings.redis_stream))
    except (SettingsError, SourceFailed) as error:
        yield Finding("Redis", False, str(error), "see JORGE_REDIS_URL")
        return
    if kind not in ("none", "stream"):
        detail = f"{settings.redis_stream} holds a {kind}, and no stream"
        yield Finding("Redis", False, detail, "set JORGE_REDIS_STREAM to another name")
        return
    begun = "" if kind == "stream" else "; the stream begins with its first event"
    yield Finding("Redis", True, f"it answers{begun}")


def _gohighlevel(settings: Settings) -> Iterator[Finding]:
    """Ask GoHighLevel for what is synchronized of the location, one of each, where a token is set."""
    token, location = settings.ghl_token.get_secret_value(), settings.ghl_location
    if not token and not location:
        return
    if not (token and location):
        missing = "JORGE_GHL_LOCATION" if token else "JORGE_GHL_TOKEN"
        yield Finding("GoHighLevel", False, f"{missing} is not set", "the synchronization needs both")
        return
    from jorge_data.vendors.gohighlevel.api import API

    api = API(settings.ghl_base_url, token, location, lambda seconds: True, settings.ca_file or None)
    try:
        api.try_once()
    except SourceFailed as error:
        yield Finding("GoHighLevel", False, _without(token, str(error)), "see JORGE_GHL_TOKEN and its scopes")
    else:
        yield Finding("GoHighLevel", True, f"it lets us read the deals and the contacts of the location {location}")
    finally:
        api.close()


def _webhooks(settings: Settings) -> Iterator[Finding]:
    """Check what webhooks are known by; whether their sender has the same cannot be tried from here."""
    from jorge_data.server.webhook.vendors import vendors_of

    try:
        vendors_of(settings)
    except (SettingsError, OSError) as error:
        yield Finding("webhooks", False, str(error), "see docs/integrations.md")
        return
    if settings.workflow_secret.get_secret_value() or settings.retell_api_key.get_secret_value():
        yield Finding("webhooks", True, "what they are known by can be used")


def _without(secret: str, text: str) -> str:
    return text.replace(secret, "…")


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
