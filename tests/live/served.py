"""The dashboard's pages in Streamlit's own harness, over a house whose event server is a real one."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from streamlit.testing.v1 import AppTest

from jorge_data.live import contents
from jorge_data.live.house import House
from jorge_data.settings import read_settings
from tests.live.test_pages import SCRIPT
from tests.served import Served


@contextmanager
def house_before(server: Served, token: str | None = None, **given: Any) -> Iterator[House]:
    """Yield a house that looks at this server as an admin, unless a token says otherwise."""
    given = {"demo": "0", "socket_url": server.url.replace("http", "ws")} | given
    house = House.build(read_settings(_env_file=None, **given), token or server.token())
    house.move_in()
    yield house
    house.offices.close()


def visit(path: str = "", **query: str) -> AppTest:
    """Open a page as a link would."""
    app = AppTest.from_file(SCRIPT, default_timeout=30)
    for name, value in query.items():
        app.query_params[name] = value
    app.run()
    if path:
        entry = next(entry for entry in contents.ENTRIES if entry.path == path)
        app.switch_page(str(contents.PAGES / entry.file)).run()
    return app
