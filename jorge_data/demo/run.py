"""Run the demo bots until they are stopped or, in auto mode, until a real event has arrived."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from threading import Event as Flag
from typing import Literal
from zoneinfo import ZoneInfo

from jorge_data.bots import Client
from jorge_data.demo.player import DemoPublisher, Player
from jorge_data.errors import TooMany, Unavailable
from jorge_data.progress import progress

Mode = Literal["auto", "0", "1"]
_CHECK_EVERY_S = 5.0


def run(
    api_url: str,
    token: str,
    publish_token: str,
    *,
    mode: Mode,
    home: str,
    seed: int,
    speed: float,
    zone: ZoneInfo,
    stop: Flag,
    ca_file: str | None = None,
) -> None:
    """Play the demo day; return when `stop` is set or, in auto mode, when the office `home` has a real event.

    `token` is an admin's, because it clears the demo's office, and bound to none, because it looks for the first real
    event; `publish_token` is a bot's: what an admin publishes is in the audit log as something that he did.
    Raises RequestRefused where the server refuses a token or the events.
    """
    if mode == "0":
        return
    open_client = partial(Client, api_url, give_up_s=5, stop=stop, ca_file=ca_file)
    with open_client(token) as admin, open_client(publish_token) as bot:
        client = _AdminAndBot(admin, bot)
        wait = RealEventWatch(client, home, _utc, stop.wait).wait if mode == "auto" else stop.wait
        if not wait(0):
            Player(client, _utc, wait, progress).play(seed, speed, zone)


class _AdminAndBot:
    def __init__(self, admin: Client, bot: Client) -> None:
        self.publish = bot.publish
        self.request = admin.request


class RealEventWatch:
    """Waits like `Event.wait`, and checks every five seconds whether a real event has arrived."""

    def __init__(
        self, client: DemoPublisher, home: str, clock: Callable[[], datetime], wait: Callable[[float], bool]
    ) -> None:
        self._client = client
        self._home = home
        self._clock = clock
        self._wait = wait
        self._checked: datetime | None = None

    def wait(self, seconds: float) -> bool:
        """Return true as soon as the demo shall end, false when the time has passed."""
        remaining = seconds
        while True:
            if self._is_due() and self._has_real_events():
                return True
            part = min(remaining, _CHECK_EVERY_S)
            if self._wait(part):
                return True
            remaining -= part
            if remaining <= 0:
                return False

    def _is_due(self) -> bool:
        now = self._clock()
        if self._checked is not None and 0 <= (now - self._checked).total_seconds() < _CHECK_EVERY_S:
            return False
        self._checked = now
        return True

    def _has_real_events(self) -> bool:
        try:
            response = self._client.request("GET", "/api/locations")
        except (Unavailable, TooMany):
            return False
        return any(each["location"] == self._home and each["top"] > 0 for each in response.get("locations", ()))


def _utc() -> datetime:
    return datetime.now(UTC)
