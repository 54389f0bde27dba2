import pytest

from jorge_data.dashboard.push.location_registry import MOST, NotOpen
from jorge_data.errors import TooMany
from tests.dashboard.location import HOME, Street


def test_an_office_is_opened_once(street: Street) -> None:
    assert street.locations.get("a") is street.locations.get("a")
    assert street.opened == ["a"]


def test_a_link_that_names_an_office_shows_that_one(street: Street) -> None:
    assert street.locations.resolve("other") == "other"


def test_the_demo_is_shown_until_the_users_own_office_has_an_event() -> None:
    street = Street(plays_demo=True)
    assert street.locations.resolve(None) == "demo"
    street.publish(1)
    assert street.locations.resolve(None) == HOME


def test_without_demo_the_users_own_office_is_shown_even_if_empty(street: Street) -> None:
    assert street.locations.resolve(None) == HOME


def test_no_more_offices_are_open_than_allowed(street: Street) -> None:
    for number in range(MOST):
        street.locations.get(f"office-{number}")
    with pytest.raises(TooMany, match="8 offices are on screen already: allowed are 8 at once"):
        street.locations.get("one-more")


def test_an_office_that_nobody_has_asked_for_in_a_minute_makes_room(street: Street) -> None:
    for number in range(MOST):
        street.locations.get(f"office-{number}")
    street.monotonic = 61.0
    street.locations.get("one-more")
    street.locations.get("office-0")
    assert street.opened.count("office-0") == 2


def test_to_ask_for_an_opened_office_neither_opens_one_nor_keeps_it_open(street: Street) -> None:
    with pytest.raises(NotOpen, match="the office a is not open here: open it in the dashboard first"):
        street.locations.opened("a")
    assert street.opened == []
    location_state = street.locations.get("a")
    street.monotonic = 61.0
    assert street.locations.opened("a") is location_state
    street.locations.get("b")
    with pytest.raises(NotOpen):
        street.locations.opened("a")


def test_an_office_whose_feed_hears_nothing_is_known_up_to_nowhere(street: Street) -> None:
    street.publish(1)
    assert street.locations.get(HOME).cursor is not None
    assert street.locations.known(HOME) is None
