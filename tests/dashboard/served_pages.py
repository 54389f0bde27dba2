"""A house whose event server is a real one."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from jorge_data.dashboard.context import AppContext
from jorge_data.settings import read_settings
from tests.served import Served


@contextmanager
def house_before(server: Served, token: str | None = None, **given: Any) -> Iterator[AppContext]:
    """Yield a house that looks at this server as an admin, unless a token says otherwise."""
    given = {"demo": "0", "socket_url": server.url.replace("http", "ws")} | given
    context = AppContext.build(read_settings(_env_file=None, **given), token or server.token())
    context.install()
    yield context
    context.locations.close()
