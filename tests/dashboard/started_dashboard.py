"""A dashboard's house before a real event server, in an office of its own."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from streamlit.testing.v1 import AppTest

from jorge_data.dashboard.context import AppContext
from jorge_data.settings import read_settings
from tests.served import Served

_locations = count(1)


def said(kind: str, minutes_ago: float = 1, /, **data: Any) -> dict[str, Any]:
    """Return an event of so many minutes ago."""
    at = datetime.now(UTC) - timedelta(minutes=minutes_ago)
    return {"type": kind, "source": "tests", "time": at.isoformat(), "data": data}


@contextmanager
def opened(served: Served, *events: dict[str, Any], **given: Any) -> Iterator[AppContext]:
    """Yield a house whose office has these events alone."""
    location = f"premises-{next(_locations)}"
    if events:
        assert served.post([{**event, "locationid": location} for event in events]).status_code == 200
    address = served.url.replace("http", "ws")
    settings = read_settings(_env_file=None, location=location, demo="0", socket_url=address, **given)
    context = AppContext.build(settings, served.token())
    context.install()
    yield context
    context.questions.close()
    context.locations.close()


def metrics(app: AppTest) -> dict[str, str]:
    return {metric.label: metric.value for metric in app.metric}


def texts(app: AppTest) -> list[str]:
    return [text.value for text in app.text]
