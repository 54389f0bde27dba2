"""Everything that lives as long as the dashboard's process; pages and routes find it by `House.current()`."""

import time
from dataclasses import dataclass
from typing import ClassVar

from jorge_data.feed import Endpoint, Feed
from jorge_data.live.api import Api
from jorge_data.live.attention import Attention
from jorge_data.live.hub import Hub, Pace
from jorge_data.live.office import Office
from jorge_data.live.offices import Offices
from jorge_data.live.questions import Questions
from jorge_data.live.tickets import Tickets
from jorge_data.metrics import Targets
from jorge_data.settings import Settings


@dataclass(frozen=True)
class House:
    """Hold the process's one of each; made once by the lifespan."""

    settings: Settings
    endpoint: Endpoint
    api: Api
    offices: Offices
    tickets: Tickets
    hub: Hub
    attention: Attention
    questions: Questions

    _current: ClassVar["House | None"] = None

    @classmethod
    def current(cls) -> "House":
        assert cls._current is not None, "the lifespan builds the house before the first request"
        return cls._current

    def move_in(self) -> None:
        """Make this the house that pages and routes find."""
        House._current = self

    @classmethod
    def build(cls, settings: Settings, token: str) -> "House":
        """Put a house together; nothing is started but the feeds of the offices that are asked for."""
        endpoint = _endpoint(settings, token)
        targets = Targets(**settings.targets)

        def open_office(location: str) -> tuple[Office, Feed]:
            office = Office(location, targets, lambda: hub.wake())
            feed = Feed(endpoint, location, office)
            feed.start()
            return office, feed

        offices = Offices(settings.location, settings.demo != "0", open_office, time.monotonic)
        pace = Pace(settings.paint_interval_ms / 1000, settings.bot_status_interval_ms / 1000, endpoint.poll_interval_s)
        hub = Hub(offices, time.time, pace)
        api = Api(endpoint)
        attention = Attention(api, time.time)
        questions = Questions(api, offices.known, time.time, time.monotonic)
        return cls(settings, endpoint, api, offices, Tickets(time.monotonic), hub, attention, questions)


def _endpoint(settings: Settings, token: str) -> Endpoint:
    return Endpoint(
        socket_url=settings.socket_url,
        api_url=settings.api_url,
        token=token,
        timeout_s=settings.socket_timeout_ms / 1000,
        attempts=settings.reconnection_attempts,
        poll_interval_s=settings.refresh_interval_ms / 1000,
        websocket=settings.enable_websocket,
        polling=settings.fallback_to_polling,
    )
