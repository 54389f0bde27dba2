"""Everything that lives as long as the dashboard's process; pages and routes find it by `House.current()`."""

import time
from dataclasses import dataclass
from typing import ClassVar

from jorge_data.dashboard.event_publisher import AttentionPublisher
from jorge_data.dashboard.push.broadcaster import Broadcaster, Pace
from jorge_data.dashboard.push.location_registry import LocationRegistry
from jorge_data.dashboard.push.location_state import LocationState
from jorge_data.dashboard.push.tickets import Tickets
from jorge_data.dashboard.query.api_client import ApiClient
from jorge_data.dashboard.query.cached_client import CachedQueryClient
from jorge_data.feed import Endpoint, Feed
from jorge_data.metrics import Targets
from jorge_data.settings import Settings


@dataclass(frozen=True)
class AppContext:
    """Hold the process's one of each; made once by the lifespan."""

    settings: Settings
    endpoint: Endpoint
    api: ApiClient
    locations: LocationRegistry
    tickets: Tickets
    broadcaster: Broadcaster
    attention: AttentionPublisher
    questions: CachedQueryClient

    _current: ClassVar["AppContext | None"] = None

    @classmethod
    def current(cls) -> "AppContext":
        assert cls._current is not None, "the lifespan builds the house before the first request"
        return cls._current

    def install(self) -> None:
        """Make this the house that pages and routes find."""
        AppContext._current = self

    @classmethod
    def build(cls, settings: Settings, token: str) -> "AppContext":
        """Put a house together; nothing is started but the feeds of the offices that are asked for."""
        endpoint = _endpoint(settings, token)
        targets = Targets(**settings.targets)

        def open_location(location: str) -> tuple[LocationState, Feed]:
            location_state = LocationState(location, targets, lambda: broadcaster.wake())
            feed = Feed(endpoint, location, location_state)
            feed.start()
            return location_state, feed

        locations = LocationRegistry(settings.location, settings.demo != "0", open_location, time.monotonic)
        pace = Pace(settings.paint_interval_ms / 1000, settings.bot_status_interval_ms / 1000, endpoint.poll_interval_s)
        broadcaster = Broadcaster(locations, time.time, pace)
        api = ApiClient(endpoint)
        attention = AttentionPublisher(api, time.time)
        questions = CachedQueryClient(api, locations.known, time.time, time.monotonic)
        return cls(settings, endpoint, api, locations, Tickets(time.monotonic), broadcaster, attention, questions)


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
