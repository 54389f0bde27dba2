"""The stores under the contract, each opened as often as a test wants and closed at its end."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from jorge_data.store import Commit, CommitListener, Store, open_store

Open = Callable[..., Store]


def ignore(commit: Commit) -> None:
    """Listen to nothing."""


@pytest.fixture(params=["sqlite"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty store of each kind."""
    return {"sqlite": f"sqlite:///{tmp_path / 'events.db'}"}[request.param]


@pytest.fixture
def opened(url: str) -> Iterator[Open]:
    """Open the store once more; what is still open at the end is closed."""
    with ExitStack() as stack:

        def open_again(listener: CommitListener = ignore) -> Store:
            return stack.enter_context(closing(open_store(url, listener)))

        yield open_again


@pytest.fixture
def store(opened: Open) -> Store:
    return opened()
