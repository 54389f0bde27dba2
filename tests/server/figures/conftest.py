from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from tests.served import Served
from tests.server.figures.asked import Asked
from tests.server.figures.followed_location import FollowedLocation, Following


@pytest.fixture
def followed(tmp_path: Path) -> Iterator[FollowedLocation]:
    """A location under the rules of a new installation."""
    with closing(FollowedLocation(tmp_path)) as location:
        yield location


@pytest.fixture
def following(tmp_path: Path, stack: ExitStack) -> Following:
    """Make the location of a test that names its rules."""
    return lambda targets: stack.enter_context(closing(FollowedLocation(tmp_path, targets)))


@pytest.fixture
def asked(served: Served, location: str) -> Asked:
    """A location of a real server, whose clock is the machine's."""
    return Asked(served, location)
