"""A wall screen turns its pages by itself, and keeps what its link says."""

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from jorge_data.dashboard.context import AppContext
from jorge_data.dashboard.push import component
from jorge_data.dashboard.ui import navigation, rotation
from tests.dashboard.test_pages import SCRIPT, build

TODAY = date(2026, 12, 3)
PATHS = [entry.path for entry in navigation.ENTRIES]


@pytest.fixture
def context() -> Iterator[AppContext]:
    context = build()
    yield context
    context.locations.close()


@pytest.fixture
def turning(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Return what the component is given that shows pages by turns."""
    given: list[Any] = []

    def mount() -> Callable[..., None]:
        return lambda key, data: given.append(data)

    monkeypatch.setattr(component, "turning", mount)
    return given


def wall(**query: str) -> AppTest:
    app = AppTest.from_file(SCRIPT, default_timeout=20)
    for name, value in query.items():
        app.query_params[name] = value
    return app.run()


def paths(links: list[str]) -> list[str]:
    return [link.partition("?")[0] or navigation.HOME for link in links]


@pytest.mark.usefixtures("context")
def test_pages_are_shown_by_turns_with_what_the_link_says(turning: list[Any]) -> None:
    app = wall(kiosk="1", rotate="30", range="7 d", team="west")
    assert not app.exception
    (given,) = turning
    assert given["seconds"] == 30
    first, second, *_ = given["links"]
    assert first == "?kiosk=1&range=7+d&team=west"
    assert second == "qualification?kiosk=1&range=7+d"
    assert not any("rotate" in link for link in given["links"]), "a page in a frame would turn pages itself"
    assert not app.metric, "the page that turns draws none itself"


def test_after_the_last_page_comes_the_first_and_none_that_is_for_doing() -> None:
    shown = [path for path in PATHS if path not in ("explore", "connect", "audit")]
    assert paths(rotation.links(PATHS, navigation.HOME, {}, TODAY)) == shown
    assert paths(rotation.links(PATHS, "ml", {}, TODAY)) == shown[3:] + shown[:3]
    assert paths(rotation.links(PATHS, "connect", {}, TODAY)) == shown


def test_a_viewer_s_wall_turns_between_what_a_viewer_may_see() -> None:
    assert paths(rotation.links(navigation.pages("viewer"), "system", {}, TODAY)) == ["system", navigation.HOME]


@pytest.mark.parametrize("link", [{"rotate": "30"}, {"kiosk": "1"}])
@pytest.mark.usefixtures("context")
def test_without_both_words_nothing_turns(link: dict[str, str], turning: list[Any]) -> None:
    wall(**link)
    assert turning == []


@pytest.mark.parametrize("wrong", ["", "4", "3601", "fast", "-30", "٣٠"])
@pytest.mark.usefixtures("context")
def test_what_is_no_interval_is_told(wrong: str, turning: list[Any]) -> None:
    app = wall(kiosk="1", rotate=wrong)
    assert [each.value for each in app.warning] == [f"rotate is {wrong!r}: allowed are 5–3600 seconds"]
    assert turning == []
