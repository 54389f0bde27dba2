"""A wall screen turns its pages by itself, and keeps what its link says."""

from collections.abc import Iterator

import pytest
from streamlit.testing.v1 import AppTest

from jorge_data.dashboard.context import AppContext
from jorge_data.dashboard.ui import navigation, rotation
from tests.dashboard.test_pages import SCRIPT, build

TURNING = {"kiosk": "1", "rotate": "30", "range": "7 d"}


@pytest.fixture
def context() -> Iterator[AppContext]:
    context = build()
    yield context
    context.locations.close()


def wall(**query: str) -> AppTest:
    app = AppTest.from_file(SCRIPT, default_timeout=20)
    for name, value in query.items():
        app.query_params[name] = value
    return app.run()


def wait(app: AppTest, seconds: float) -> AppTest:
    """Let time pass before the eyes of the rotation."""
    path, since = app.session_state[rotation.SHOWN]
    app.session_state[rotation.SHOWN] = (path, since - seconds)
    return app.run()


def shown(app: AppTest) -> str:
    path: str = app.session_state[rotation.SHOWN][0]
    return path


@pytest.mark.usefixtures("context")
def test_the_next_page_comes_when_this_one_had_its_time() -> None:
    app = wall(**TURNING)
    assert shown(wait(app, 20)) == navigation.HOME
    assert shown(wait(app, 20)) == "qualification"
    assert not app.exception
    assert {name: app.query_params[name] for name in TURNING} == TURNING


def test_after_the_last_page_comes_the_first_and_none_that_is_for_doing() -> None:
    paths, seen = [entry.path for entry in navigation.ENTRIES], [navigation.HOME]
    while (path := rotation.following(paths, seen[-1])) != navigation.HOME:
        seen.append(path)
    assert seen == [path for path in paths if path not in ("explore", "connect", "audit")]
    assert rotation.following(paths, "connect") == navigation.HOME


def test_a_viewer_s_wall_turns_between_what_a_viewer_may_see() -> None:
    paths = [*navigation.pages("viewer")]
    assert [rotation.following(paths, path) for path in paths] == ["system", navigation.HOME]


@pytest.mark.usefixtures("context")
def test_without_the_kiosk_nothing_turns() -> None:
    assert rotation.SHOWN not in wall(rotate="30").session_state


@pytest.mark.parametrize("wrong", ["", "4", "3601", "fast", "-30", "٣٠"])
@pytest.mark.usefixtures("context")
def test_what_is_no_interval_is_told(wrong: str) -> None:
    app = wall(kiosk="1", rotate=wrong)
    assert [each.value for each in app.warning] == [f"rotate is {wrong!r}: allowed are 5–3600 seconds"]
