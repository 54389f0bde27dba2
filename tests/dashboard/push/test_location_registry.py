import pytest

from jorge_data.dashboard.login.user import Grant, User
from jorge_data.dashboard.push.location_registry import MOST_FEEDS, NotOpen
from jorge_data.errors import Forbidden, TooMany
from tests.dashboard.fake_feeds import HOME, FakeFeeds
from tests.dashboard.people import People, person


def test_an_office_is_opened_once(feeds: FakeFeeds) -> None:
    assert feeds.locations.get("a") is feeds.locations.get("a")
    assert feeds.opened_locations == ["a"]


def test_a_link_that_names_an_office_shows_that_one(feeds: FakeFeeds) -> None:
    assert feeds.locations.resolve("other") == "other"


def test_the_demo_is_shown_until_the_users_own_office_has_an_event() -> None:
    feeds = FakeFeeds(demo_enabled=True)
    assert feeds.locations.resolve(None) == "demo"
    feeds.publish(1)
    assert feeds.locations.resolve(None) == HOME


def test_without_demo_the_users_own_office_is_shown_even_if_empty(feeds: FakeFeeds) -> None:
    assert feeds.locations.resolve(None) == HOME


def test_the_office_of_who_is_granted_some_is_the_first_of_them() -> None:
    user = User("ann", "Ann", (Grant("east", "viewer", None), Grant("west", "viewer", None)), "s-1")
    feeds = FakeFeeds(demo_enabled=True, access=People(user))
    locations = feeds.registry.seen_by(user)
    assert locations.resolve(None) == "east"
    assert feeds.opened_locations == []
    for another in (HOME, "demo", "command-center"):
        with pytest.raises(Forbidden):
            locations.get(another)


def test_a_feed_of_home_is_closed_when_nobody_looks_but_that_of_this_machines_own_person() -> None:
    ann = person("ann", "viewer")
    for feeds, user, opened in (
        (FakeFeeds(access=People(ann)), ann, [HOME, "a", HOME]),
        (FakeFeeds(), None, [HOME, "a"]),
    ):
        locations = feeds.registry.seen_by(user or feeds.user)
        locations.get(HOME)
        feeds.monotonic = 61.0
        locations.get("a")
        locations.get(HOME)
        assert feeds.opened_locations == opened


def test_no_more_offices_are_open_than_allowed(feeds: FakeFeeds) -> None:
    for number in range(MOST_FEEDS):
        feeds.locations.get(f"office-{number}")
    with pytest.raises(TooMany, match=r"^Too many people are looking at once\. Try again in a minute\.$"):
        feeds.locations.get("one-more")


def test_an_office_that_nobody_has_asked_for_in_a_minute_makes_room(feeds: FakeFeeds) -> None:
    for number in range(MOST_FEEDS):
        feeds.locations.get(f"office-{number}")
    feeds.monotonic = 61.0
    feeds.locations.get("one-more")
    feeds.locations.get("office-0")
    assert feeds.opened_locations.count("office-0") == 2


def test_to_ask_for_an_opened_office_neither_opens_one_nor_keeps_it_open(feeds: FakeFeeds) -> None:
    with pytest.raises(NotOpen, match="the office a is not open here: open it in the dashboard first"):
        feeds.locations.figures("a")
    assert feeds.opened_locations == []
    feeds.locations.get("a")
    feeds.monotonic = 61.0
    assert feeds.locations.figures("a")["connection"]["state"] == "connecting"
    feeds.locations.get("b")
    with pytest.raises(NotOpen):
        feeds.locations.figures("a")


def test_an_office_whose_feed_hears_nothing_is_known_up_to_nowhere(feeds: FakeFeeds) -> None:
    feeds.publish(1)
    assert feeds.locations.get(HOME).cursor is not None
    assert feeds.locations.position(HOME) is None
