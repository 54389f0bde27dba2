"""Everything that lives as long as the dashboard's process; pages and routes get it by `AppContext.current()`."""

import time
from dataclasses import dataclass
from functools import partial
from typing import ClassVar

import streamlit as st

from jorge_data.dashboard.event_publisher import AttentionPublisher
from jorge_data.dashboard.login.metrics_readers import MetricsReaders
from jorge_data.dashboard.login.own_token import OwnToken
from jorge_data.dashboard.login.user import Access, Grant, LocalAccess, User
from jorge_data.dashboard.push.broadcaster import Broadcaster, Pace
from jorge_data.dashboard.push.connection_status import TICK_LATE_S, shown_state
from jorge_data.dashboard.push.location_registry import LocationRegistry, SeenLocations
from jorge_data.dashboard.push.location_state import LocationState
from jorge_data.dashboard.push.telemetry import DashboardTelemetry
from jorge_data.dashboard.push.tickets import Tickets
from jorge_data.dashboard.query.api_client import ApiClient, NoResponse
from jorge_data.dashboard.query.cached_client import CachedQueryClient, QueryCache
from jorge_data.dashboard.server_health import ServerHealth
from jorge_data.errors import Forbidden, Unauthenticated, Unavailable
from jorge_data.events import Cursor
from jorge_data.events.envelope import OWN
from jorge_data.feed import Endpoint, Feed, TokenSource
from jorge_data.metrics import Targets
from jorge_data.metrics.colleagues import Colleague
from jorge_data.metrics.office_locale import write_in
from jorge_data.permissions import OF_ALL_OFFICES, OF_EVERYBODY, Right, Rights, may, rights_of
from jorge_data.settings import Settings

COLLEAGUES_FRESH_S = 30


@dataclass(frozen=True)
class AppContext:
    """The objects of which the process has one each; built once by the lifespan."""

    settings: Settings
    access: Access
    endpoint: Endpoint
    api: ApiClient
    """By the dashboard's own token: what no user asks for."""
    locations: LocationRegistry
    tickets: Tickets
    broadcaster: Broadcaster
    attention: AttentionPublisher
    queries: QueryCache
    server_health: ServerHealth
    telemetry: DashboardTelemetry
    metrics_readers: MetricsReaders

    _current: ClassVar["AppContext | None"] = None

    @classmethod
    def current(cls) -> "AppContext":
        assert cls._current is not None, "the lifespan builds the context before the first request"
        return cls._current

    def make_current(self) -> None:
        """Make this the context that `current` returns."""
        AppContext._current = self

    @classmethod
    def build(cls, settings: Settings, own: OwnToken, access: Access | None = None) -> "AppContext":
        """Build a context; it starts nothing but the feeds of locations, when they are first used.

        Without `access` all is done by the one person on this machine, with the dashboard's own token.
        """
        write_in(settings.locale)
        access = access or LocalAccess(settings.viewer, settings.role, own)
        endpoint, telemetry = _endpoint(settings), DashboardTelemetry()
        targets = Targets(**settings.targets)

        def open_feed(location: str, tokens: TokenSource) -> tuple[LocationState, Feed]:
            state = LocationState(
                location, targets, lambda: broadcaster.wake(), time.time, lambda: queries.responses.clear(), telemetry
            )
            feed = Feed(endpoint, location, state, tokens=tokens)
            feed.start()
            return state, feed

        locations = LocationRegistry(settings.location, settings.demo != "0", access, open_feed, time.monotonic)
        idle_s = min(settings.bot_status_interval_ms / 1000, TICK_LATE_S / 4)  # it is also a tab's sign of our life
        pace = Pace(settings.paint_interval_ms / 1000, idle_s, endpoint.poll_interval_s)

        def refused(token: str) -> None:
            own.refused(token)
            access.refused(token)

        api = ApiClient(endpoint, own.current, refused, telemetry.requested)
        server_health = ServerHealth(api, st.get_option("server.port"), lambda: _own_state(locations, endpoint))
        broadcaster = Broadcaster(locations, time.time, pace, lambda: own.notice or server_health.notice, telemetry)
        attention = AttentionPublisher(time.time, settings.timezone)
        queries = QueryCache(api, time.time, time.monotonic)
        tickets = Tickets(time.monotonic)
        readers = MetricsReaders(lambda token: api.by(lambda: token).file("/metrics"), time.monotonic)
        return cls(
            settings=settings,
            access=access,
            endpoint=endpoint,
            api=api,
            locations=locations,
            tickets=tickets,
            broadcaster=broadcaster,
            attention=attention,
            queries=queries,
            server_health=server_health,
            telemetry=telemetry,
            metrics_readers=readers,
        )

    def seen_by(self, user: User) -> "UserContext":
        """Return all of it as one user may use it."""
        return UserContext(self, user)


@dataclass(frozen=True)
class UserContext:
    """The process's objects as one user may use them: what is asked is asked with his token."""

    app: AppContext
    user: User

    @classmethod
    def current(cls) -> "UserContext":
        """Return that of this script run, by the cookies of its tab; raise Unauthenticated where he is no longer in."""
        return AppContext.current().seen_by(current_user())

    @property
    def settings(self) -> Settings:
        return self.app.settings

    @property
    def locations(self) -> SeenLocations:
        return self.app.locations.seen_by(self.user)

    @property
    def client(self) -> CachedQueryClient:
        """The client of the query API, whose answers are shared by all who have the same rights."""
        return self.app.queries.seen_by(self)

    def api_at(self, location: str) -> ApiClient:
        """Return the HTTP client for what is asked of an office; nothing of it is shared."""
        return self.app.api.by(lambda: self.token_at(location))

    def api_to_make(self, location: str, ttl_s: int) -> ApiClient:
        """Return the HTTP client to ask for a token of so many seconds."""
        access = self.app.access
        if not isinstance(access, LocalAccess):  # a login's token binds nothing that it makes
            return self.api_at(location)
        token = access.maker_token(ttl_s)
        return self.app.api.by(lambda: token)

    def grant_at(self, location: str) -> Grant:
        """Return what the user is granted at an office; raise Forbidden at one that is not his.

        The product's own location is read by whoever may see how the event server is, wherever that is.
        """
        if location == OWN:
            own = (grant for grant in self.user.grants if may(grant.role, Right.SYSTEM))
            grant = self.user.grant_at(OWN) or next(own, None)
        else:
            grant = self.user.grant_at(location)
        if grant is None:
            raise Forbidden(f"you have no access to the office {location}: an admin can give it to you")
        return grant

    def may_at(self, location: str, right: Right) -> bool:
        """Return whether the user has a right at an office: as the event server decides of his token there."""
        grant = self.grant_at(location)
        if right in OF_ALL_OFFICES and grant.location is not None:
            return False
        if right in OF_EVERYBODY and self.rights_at(location).agent_id is not None:
            return False
        return may(grant.role, right)

    def rights_at(self, location: str) -> Rights:
        """Return what the user shares with all who get the same answers; raise Forbidden."""
        grant = self.grant_at(location)
        return rights_of(grant.role, grant.agent_id)

    def token_at(self, location: str) -> str:
        """Return the token to ask about an office with; raise Unauthenticated, Forbidden or NoResponse."""
        try:
            return self.app.access.token(self.user, self.grant_at(location).location)
        except Unavailable as error:  # the server's silence, whatever was asked of it first
            raise NoResponse(str(error)) from None

    def note_presence(self, location: str) -> None:
        """Have the event server know that the user looks at an office; nothing is waited for.

        Where others with his rights look at it as well, all that he sees may have been asked with their tokens: only by
        his own does the audit log say that he saw it.
        """
        if self.user.session is not None:
            self.app.queries.pool.submit(self.app.access.token, self.user, location)

    def colleagues_at(self, location: str) -> list[Colleague]:
        """Return to whom the user may assign at an office, by name: nobody where he may not, or none is known yet."""
        if not self._may_assign_at(location):
            return []
        fetch = partial(self._fetch_colleagues, location)
        return self.client.aside(location, "colleagues", fetch, COLLEAGUES_FRESH_S) or []

    def colleague_at(self, location: str, person: str | None) -> Colleague:
        """Return the colleague of an id, None for the user himself; raise Forbidden where it is nobody's."""
        himself = Colleague(self.user.name, self.user.display_name, self.grant_at(location).agent_id)
        if person in (None, himself.id, himself.name):
            return himself
        fetch, colleagues = partial(self._fetch_colleagues, location), list[Colleague]()
        if self._may_assign_at(location):
            colleagues = self.client.computed(location, "colleagues", None, fetch, COLLEAGUES_FRESH_S)
        if colleague := next((each for each in colleagues if person in (each.id, each.name)), None):
            return colleague
        raise Forbidden(f"{str(person)[:80]} is nobody to whom you may assign at {location}")

    def person_name(self, location: str, person: str) -> str:
        """Return how somebody of an office is called, the id where nobody told a name; nobody is of the product's."""
        return person if location == OWN else self.locations.get(location).person_name(person)

    def _may_assign_at(self, location: str) -> bool:
        return self.user.session is not None and self.may_at(location, Right.ASSIGN)

    def _fetch_colleagues(self, location: str) -> list[Colleague]:
        people = self.api_at(location).get("/api/colleagues", location=location)["colleagues"]
        return [Colleague(each["name"], each["display_name"], each["agent_id"]) for each in people]

    def position(self, location: str) -> Cursor | None:
        """Return the end of a location's log; None of the product's own, which no feed follows."""
        return None if location == OWN else self.locations.position(location)


def current_user() -> User:
    """Return whose script run this is, by the cookies of its tab; raise Unauthenticated where he is no longer in."""
    user = AppContext.current().access.user_of(st.context.cookies)
    if user is None:
        raise Unauthenticated("the login has ended: log in again")
    return user


def _own_state(locations: LocationRegistry, endpoint: Endpoint) -> tuple[str, str]:
    """Return how this dashboard is as a component: degraded where its own office does not come live."""
    feed = locations.home_feed()
    if feed is None:  # nobody looks
        return "healthy", ""
    state = shown_state(feed.status)
    if state == "polling" and not endpoint.websocket:
        return "healthy", ""
    return ("healthy", "") if state in ("live", "connecting") else ("degraded", f"its connection is {state}")


def _endpoint(settings: Settings) -> Endpoint:
    return Endpoint(
        socket_url=settings.socket_url,
        api_url=settings.api_url,
        timeout_s=settings.socket_timeout_ms / 1000,
        attempts=settings.reconnection_attempts,
        poll_interval_s=settings.refresh_interval_ms / 1000,
        websocket=settings.enable_websocket,
        polling=settings.fallback_to_polling,
        ca_file=settings.ca_file,
    )
