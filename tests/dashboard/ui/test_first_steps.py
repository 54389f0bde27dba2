"""An office without events: three steps that tick themselves, and what is said where a link names no office."""

from collections.abc import Iterator
from itertools import count

import pytest
import requests
from streamlit.testing.v1 import AppTest

from jorge_data.dashboard.context import AppContext
from jorge_data.dashboard.ui.first_steps import interval
from tests.dashboard.app_context import context_before, here
from tests.dashboard.test_pages import visit
from tests.served import Served, bot_status
from tests.waiting import wait_until

_offices = count(1)


@pytest.fixture
def office() -> str:
    return f"first-{next(_offices)}"


@pytest.fixture
def context(served: Served, office: str) -> Iterator[AppContext]:
    with context_before(served, location=office) as context:
        yield context


def opened(context: AppContext, office: str) -> None:
    """Wait until it is known what an office has."""
    wait_until(lambda: here(context).locations.get(office).cursor is not None)


def badges(app: AppTest) -> list[str]:
    """Return what stands before each step."""
    return [each.value for each in app.markdown if "step" in each.value or "done" in each.value]


def ticked(app: AppTest) -> list[bool]:
    return ["done" in each for each in badges(app)]


def test_an_empty_office_shows_three_steps_and_its_first_event_ticks_one(
    served: Served, context: AppContext, office: str
) -> None:
    opened(context, office)
    app = visit()
    assert not app.exception
    first = ticked(app)
    assert len(first) == 3
    assert first[1:] == [False, False]
    assert served.post([bot_status(locationid=office)]).status_code == 200
    wait_until(lambda: here(context).locations.get(office).has_events)
    app.run()
    assert ticked(app) == [True, True, False]
    app.button(key="hide_first_steps").click().run()
    assert badges(app) == []
    assert badges(visit()) == []


def test_an_office_that_lives_is_looked_at_rarely() -> None:
    waiting, living = interval(False, False), interval(False, True)
    assert waiting is not None
    assert living is not None
    assert living >= 10 * waiting
    assert interval(True, False) is interval(True, True) is None


def test_a_token_that_was_made_ticks_its_step(served: Served, context: AppContext, office: str) -> None:
    asked = {"subject": "bot", "role": "publisher", "location": office, "ttl_s": 3600}
    answer = requests.post(f"{served.url}/api/tokens", json=asked, headers=served.bearer("admin"), timeout=10)
    assert answer.status_code == 201
    opened(context, office)
    assert ticked(visit()) == [True, False, False]


def test_a_link_to_no_office_says_so_and_offers_those_there_are(
    served: Served, context: AppContext, office: str
) -> None:
    assert served.post([bot_status(locationid=office)]).status_code == 200
    wait_until(lambda: here(context).locations.get(office).has_events)
    typo = office.replace("first", "frist")
    here(context).locations.get(typo)
    opened(context, typo)
    app = visit(location=typo)
    assert any(each.value.startswith("There is no such office") for each in app.warning)
    app.button(key=f"office_{office}").click().run()
    assert app.query_params["location"] == office
    assert not app.warning
    assert not visit(location=office).warning


@pytest.mark.usefixtures("context")
def test_what_cannot_be_the_name_of_an_office_is_said_to_be_none(office: str) -> None:
    app = visit(location="no such place")
    assert any(each.value.startswith("There is no such office") for each in app.warning)
    assert "The link names no such place. There are:" in [each.value for each in app.text]
