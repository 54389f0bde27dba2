"""The dashboard's context before a real event server, in a location of its own where a test wants one."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from streamlit.testing.v1 import AppTest

from jorge_data.dashboard.context import AppContext, UserContext
from jorge_data.dashboard.login.own_token import OwnToken
from jorge_data.settings import read_settings
from tests.served import Served

_locations = count(1)


def past_event(kind: str, minutes_ago: float = 1, /, **data: Any) -> dict[str, Any]:
    """Return an event that happened so many minutes ago."""
    at = datetime.now(UTC) - timedelta(minutes=minutes_ago)
    return {"type": kind, "source": "tests", "time": at.isoformat(), "data": data}


def here(context: AppContext | None = None) -> UserContext:
    """Return a context, by default the current one, as the one person of this machine uses it."""
    context = context or AppContext.current()
    user = context.access.user_of({})
    assert user is not None
    return context.seen_by(user)


@contextmanager
def context_before(server: Served, token: str | None = None, **settings: Any) -> Iterator[AppContext]:
    """Yield the current context, of a dashboard before this server; it is an admin's, unless a token says otherwise."""
    settings = {"demo": "0", "socket_url": server.url.replace("http", "ws")} | settings
    context = AppContext.build(read_settings(_env_file=None, **settings), OwnToken(token or server.token()))
    context.make_current()
    yield context
    context.queries.close()
    context.locations.close()


@contextmanager
def context_with(served: Served, *events: dict[str, Any], **settings: Any) -> Iterator[AppContext]:
    """Yield the current context, of a dashboard whose location has these events alone."""
    location = f"premises-{next(_locations)}"
    if events:
        assert served.post([{**event, "locationid": location} for event in events]).status_code == 200
    with context_before(served, location=location, **settings) as context:
        yield context


def metrics(app: AppTest) -> dict[str, str]:
    return {metric.label: metric.value for metric in app.metric}


def texts(app: AppTest) -> list[str]:
    return [text.value for text in app.text]
