"""The stores under the contract, each opened as often as a test wants and closed at its end."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from jorge_data.store import Commit, CommitListener, Store, open_store
from tests.postgresql import BINARIES, PostgreSQLServer

Open = Callable[..., Store]


def ignore(commit: Commit) -> None:
    """Listen to nothing."""


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgreSQLServer]:
    """One server for all tests; each has a database of its own."""
    if not BINARIES:
        pytest.skip("postgresql is not installed: the store on it was not tried")
    with PostgreSQLServer() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty store of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'events.db'}"
    server: PostgreSQLServer = request.getfixturevalue("postgresql")
    return server.new_database()


sqlite_only = pytest.mark.parametrize("url", ["sqlite"], indirect=True)
"""What a test asks of SQLite alone: the plan of a statement, the file."""


@pytest.fixture
def opened(url: str, tmp_path: Path) -> Iterator[Open]:
    """Open the store once more; what is still open at the end is closed."""
    with ExitStack() as stack:

        def open_again(listener: CommitListener = ignore) -> Store:
            return stack.enter_context(closing(open_store(url, listener, folder=tmp_path)))

        yield open_again


@pytest.fixture
def store(opened: Open) -> Store:
    return opened()
