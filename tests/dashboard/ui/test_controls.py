"""The office picker lists the offices that there are, and takes the name of one that is not there yet."""

from collections.abc import Iterator

import pytest
from streamlit.testing.v1 import AppTest

from tests.dashboard.app_context import context_before
from tests.dashboard.test_pages import visit
from tests.served import Served, bot_status

OFFICES = ["austin", "dallas"]


@pytest.fixture(autouse=True)
def two_offices(served: Served) -> Iterator[None]:
    served.post([bot_status(locationid=shown_location) for shown_location in OFFICES])
    with context_before(served, location="austin"):
        yield


def shown_location(app: AppTest) -> str:
    location: str = app.session_state["scope"].location
    return location


def test_known_offices_are_listed() -> None:
    assert set(OFFICES) <= set(visit().selectbox("location").options)


def test_the_one_chosen_is_on_screen() -> None:
    app = visit()
    assert shown_location(app) == "austin"
    assert shown_location(app.selectbox("location").set_value("dallas").run()) == "dallas"


@pytest.mark.parametrize("name", ["dallas", "nobody-there-yet"])
def test_a_link_names_any_office(name: str) -> None:
    app = visit(location=name)
    assert not app.exception
    assert shown_location(app) == name


def test_what_cannot_be_an_office_is_told_and_not_opened() -> None:
    app = visit(location="no such office")
    assert shown_location(app) == "austin"
    assert any("Not the name of an office" in caption.value for caption in app.caption)
