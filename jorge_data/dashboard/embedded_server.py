"""The event server that the dashboard brings along where none answers."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

import requests

from jorge_data.dashboard.child_process import Child, command
from jorge_data.errors import JorgeError, PortTaken
from jorge_data.feed.endpoint import LOOPBACK
from jorge_data.settings import Settings

SERVICE = "jorge-events"
READY_WITHIN_S = 20.0


@dataclass
class NotReady(JorgeError):
    """The embedded event server did not come up in time."""

    port: int

    def __str__(self) -> str:
        return f"the event server did not come up on port {self.port}; its own words are above"


def answers(api_url: str) -> bool:
    """Say whether our event server answers there; raise PortTaken where something else does."""
    parts = urlsplit(api_url)
    with requests.Session() as session:
        session.trust_env = False
        try:
            answer = session.get(f"{api_url}/health", timeout=2)
        except requests.ConnectionError as error:
            if _refused(error):
                return False
            raise PortTaken(parts.hostname or "", parts.port or 80) from None
        except requests.RequestException:
            raise PortTaken(parts.hostname or "", parts.port or 80) from None
    if _service(answer) != SERVICE:
        raise PortTaken(parts.hostname or "", parts.port or 80)
    return True


def needed(settings: Settings) -> bool:
    """Say whether this process should start an event server itself."""
    if settings.embedded == "0" or urlsplit(settings.api_url).hostname not in LOOPBACK:
        return settings.embedded == "1" and not answers(settings.api_url)
    return not answers(settings.api_url)


def start(settings: Settings, sleep: Callable[[float], None] = time.sleep) -> Child:
    """Start the event server and return when it answers; raise where it does not."""
    port = urlsplit(settings.api_url).port or settings.port
    child = Child("event server", command("serve", "--host", settings.host, "--port", str(port)))
    child.start()
    until = time.monotonic() + READY_WITHIN_S
    while not answers(settings.api_url):
        if time.monotonic() > until or child.exit_code == 2:  # 2: a setting is wrong, and it has said which
            child.stop()
            raise NotReady(port)
        sleep(0.1)
    return child


def _refused(error: requests.ConnectionError) -> bool:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ConnectionRefusedError):
            return True
        cause = cause.__context__
    return False


def _service(answer: requests.Response) -> object:
    try:
        body = answer.json()
    except ValueError:
        return None
    return body.get("service") if isinstance(body, dict) else None
