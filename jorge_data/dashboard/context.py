"""Everything that lives as long as the dashboard's process; pages and routes get it by `AppContext.current()`."""

import time
from dataclasses import dataclass
from typing import ClassVar

import streamlit as st

from jorge_data.dashboard.event_publisher import AttentionPublisher
from jorge_data.dashboard.login.user import Access, LocalAccess, User
from jorge_data.dashboard.push.broadcaster import Broadcaster, Pace
from jorge_data.dashboard.push.connection_status import TICK_LATE_S, shown_state
from jorge_data.dashboard.push.location_registry import LocationRegistry
from jorge_data.dashboard.push.location_state import LocationState
from jorge_data.dashboard.push.tickets import Tickets
from jorge_data.dashboard.query.api_client import ApiClient
from jorge_data.dashboard.query.cached_client import CachedQueryClient
from jorge_data.dashboard.server_health import ServerHealth
from jorge_data.errors import Unauthenticated
from jorge_data.events import Cursor
from jorge_data.events.envelope import OWN
from jorge_data.feed import Endpoint, Feed
from jorge_data.metrics import Targets
from jorge_data.settings import Settings


@dataclass(frozen=True)
class AppContext:
    """The objects of which the process has one each; built once by the lifespan."""

    settings: Settings
    access: Access
    endpoint: Endpoint
    api: ApiClient
    locations: LocationRegistry
    tickets: Tickets
    broadcaster: Broadcaster
    attention: AttentionPublisher
    client: CachedQueryClient
    server_health: ServerHealth

    _current: ClassVar["AppContext | None"] = None

    @classmethod
    def current(cls) -> "AppContext":
        assert cls._current is not None, "the lifespan builds the context before the first request"
        return cls._current

    def make_current(self) -> None:
        """Make this the context that `current` returns."""
        AppContext._current = self

    @classmethod
    def build(cls, settings: Settings, token: str, access: Access | None = None) -> "AppContext":
        """Build a context; it starts nothing but the feeds of locations, when they are first used.

        Without `access` all is done by the one person on this machine, with the dashboard's own token.
        """
        access = access or LocalAccess(settings.viewer, settings.role, token)
        endpoint = _endpoint(settings, token)
        targets = Targets(**settings.targets)

        def open_location(location: str) -> tuple[LocationState, Feed]:
            state = LocationState(location, targets, lambda: broadcaster.wake(), time.time)
            feed = Feed(endpoint, location, state)
            feed.start()
            return state, feed

        locations = LocationRegistry(settings.location, settings.demo != "0", open_location, time.monotonic)
        idle_s = min(settings.bot_status_interval_ms / 1000, TICK_LATE_S / 4)  # it is also a tab's sign of our life
        pace = Pace(settings.paint_interval_ms / 1000, idle_s, endpoint.poll_interval_s)
        api = ApiClient(endpoint)
        server_health = ServerHealth(api, st.get_option("server.port"), lambda: _own_state(locations))
        broadcaster = Broadcaster(locations, time.time, pace, lambda: server_health.notice)
        attention = AttentionPublisher(api, time.time)
        client = CachedQueryClient(api, lambda office: _position(locations, office), time.time, time.monotonic)
        tickets = Tickets(time.monotonic)
        return cls(settings, access, endpoint, api, locations, tickets, broadcaster, attention, client, server_health)


def current_user() -> User:
    """Return whose script run this is, by the cookies of its tab; raise Unauthenticated where he is no longer in."""
    user = AppContext.current().access.user_of(st.context.cookies)
    if user is None:
        raise Unauthenticated("the login has ended: log in again")
    return user


def _position(locations: LocationRegistry, location: str) -> Cursor | None:
    """Return the end of a location's log; None of the product's own, which no feed follows."""
    return None if location == OWN else locations.position(location)


def _own_state(locations: LocationRegistry) -> tuple[str, str]:
    """Return how this dashboard is as a component: degraded where its own office does not come live."""
    state = shown_state(locations.feed(locations.home).status)
    return ("healthy", "") if state in ("live", "connecting") else ("degraded", f"its connection is {state}")


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
        ca_file=settings.ca_file,
    )
