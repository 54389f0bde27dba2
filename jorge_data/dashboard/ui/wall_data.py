"""What the wall is given to paint: who looks and what he may, how the office writes, and the first state."""

import time
from typing import Any

from jorge_data.dashboard.context import UserContext
from jorge_data.dashboard.push.connection_status import TICK_LATE_S, TICK_LOST_S, status_view
from jorge_data.dashboard.push.role_view import for_role
from jorge_data.dashboard.push.view_channel import first_view
from jorge_data.dashboard.ui.navigation import ENTRIES
from jorge_data.metrics import Targets
from jorge_data.metrics.office_locale import office_locale
from jorge_data.permissions import FEED, Right, may


def wall_data(
    context: UserContext,
    location: str,
    *,
    asked: str | None,
    paused: bool,
    frame: dict[str, Any] | None,
    title: str = ENTRIES[0].title,
    path: str = "",
    kiosk: bool = False,
    days: bool = False,
    sound: bool = False,
    card: dict[str, Any] | None = None,
    people: list[list[str]] | None = None,
) -> dict[str, Any]:
    """Return what the wall is given but for its socket; what is left out is as on the first page when it is opened.

    `asked` is the office that the link names, `frame` the state to paint before the socket is open, `people` those to
    whom the viewer may assign, by id and name.
    """
    return _viewer(context, location) | {
        "title": title,
        "wall": path == "",
        "kiosk": kiosk,
        "days": days,
        "paused": paused,
        "sound": sound,
        "card": card,
        "people": people or [],
        "path": path,
        "asked": asked,
        "frame": frame,
    }


def _viewer(context: UserContext, location: str) -> dict[str, Any]:
    """Return what is the same on every page of an office: the viewer's rights, limits, how the office writes."""
    role, targets = context.grant_at(location).role, Targets(**context.settings.targets)
    return {
        "pill": context.settings.show_connection_status,
        "contacts": may(role, Right.SEE_CONTACTS),
        "acts": may(role, Right.ACT),
        "me": context.colleague_at(location, None).id,
        "groups": [group for group, roles in FEED.items() if role in roles],
        "fresh_ms": [1000 * limit for limit in (targets.fresh_amber_s, targets.fresh_red_s)],
        "tick_ms": [1000 * limit for limit in (TICK_LATE_S, TICK_LOST_S)],
        "writes": {"tag": office_locale().tag, "house": office_locale().is_house},
    }


def first_state(context: UserContext, location: str) -> dict[str, Any]:
    """Return the state frame that is painted before the socket is open."""
    location_state, now = context.locations.get(location), time.time()
    status = context.locations.feed(location).status
    latency = location_state.latency.newest("server_feed")
    return {
        "type": "state",
        "v": 0,
        "view": first_view(for_role(location_state.view(now), context.grant_at(location).role)),
        "now_ms": int(now * 1000),
        "connection": status_view(status, latency, context.app.endpoint.poll_interval_s),
    }
