"""The event server that the dashboard starts where none is running."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

import requests

from jorge_data.dashboard.child_process import Child, command
from jorge_data.errors import JorgeError, PortTaken, RequestRefused
from jorge_data.http_client import http_session, is_loopback, lasting_fault
from jorge_data.public_address import LOOPBACK
from jorge_data.settings import Settings

SERVICE = "jorge-events"
READY_WITHIN_S = 20.0


@dataclass
class NotReady(JorgeError):
    """The embedded event server did not come up in time."""

    port: int

    def __str__(self) -> str:
        return f"the event server did not come up on port {self.port}; its own words are above"


def is_running(api_url: str, ca_file: str | None = None) -> bool:
    """Return whether our event server is running there; raise PortTaken where something else is.

    Raises RequestRefused where its certificate is not trusted.
    """
    service: object = None
    with http_session(api_url, ca_file=ca_file) as session:
        try:
            service = _service(session.get(f"{api_url}/health", timeout=2))
        except requests.RequestException as error:
            if lasting := lasting_fault(error, api_url):
                raise RequestRefused(lasting) from None
            if _is_refused(error):
                return False
    if service != SERVICE:
        parts = urlsplit(api_url)
        raise PortTaken(parts.hostname or "", parts.port or 80)
    return True


def is_needed(settings: Settings) -> bool:
    """Return whether this process should start an event server itself."""
    is_local = settings.embedded != "0" and is_loopback(settings.api_url)
    return (is_local or settings.embedded == "1") and not is_running(settings.api_url, settings.ca_file)


def start(settings: Settings, sleep: Callable[[float], None] = time.sleep) -> Child:
    """Start the event server and return when it is running; raise NotReady where it does not come up in time."""
    port = urlsplit(settings.api_url).port or settings.port
    address = "--host", settings.host, "--port", str(port)
    child = Child("event server", command("serve", *address, *_anonymous_reading(settings)))
    child.start()
    deadline = time.monotonic() + READY_WITHIN_S
    while not is_running(settings.api_url, settings.ca_file):
        if time.monotonic() > deadline or child.exit_code == 2:  # 2: a setting is wrong, and it has said which
            child.stop()
            raise NotReady(port)
        sleep(0.1)
    return child


def _anonymous_reading(settings: Settings) -> tuple[str, ...]:
    """Return how reading without a token is asked for: on a developer's machine, unless its settings say something."""
    alone = not settings.public_url and not settings.origins and not settings.login
    own = settings.host in LOOPBACK and alone
    return ("--anonymous", "read") if own and "anonymous" not in settings.model_fields_set else ()


def _is_refused(error: requests.RequestException) -> bool:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ConnectionRefusedError):
            return True
        cause = cause.__context__
    return False


def _service(response: requests.Response) -> object:
    try:
        body = response.json()
    except ValueError:
        return None
    return body.get("service") if isinstance(body, dict) else None
