import pytest

from tests.dashboard.fake_feeds import FakeFeeds


@pytest.fixture
def feeds() -> FakeFeeds:
    return FakeFeeds()
