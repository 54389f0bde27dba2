"""The controls show what the link says and write what is chosen into it; the office picker takes any office's name."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

import pytest
from streamlit.testing.v1 import AppTest

from jorge_data.dashboard.context import AppContext
from jorge_data.dashboard.ui.navigation import ENTRIES, NavigationEntry
from jorge_data.dashboard.ui.page_layout import DETAILS
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


def link_of(app: AppTest) -> dict[str, str]:
    """Return what the link says; Streamlit's harness has a value as text or as a list of one."""
    values = dict(app.query_params).items()
    written = {name: value if isinstance(value, str) else "".join(value) for name, value in values}
    return {name: value for name, value in written.items() if name != DETAILS}


def rolling(app: AppTest) -> str:
    name: str = app.session_state["scope"].rolling
    return name


@pytest.mark.parametrize("entry", [entry for entry in ENTRIES if entry.period], ids=lambda entry: str(entry.path))
def test_a_link_without_a_period_shows_the_pages_own(entry: NavigationEntry) -> None:
    app = visit(entry.path)
    assert rolling(app) == entry.period
    assert app.selectbox("range").value == entry.period
    assert link_of(app) == {}


@pytest.mark.parametrize("path", ["", "connect"])
def test_where_nothing_has_a_period_none_can_be_chosen(path: str) -> None:
    app = visit(path, range="1 h")
    assert [box.key for box in app.selectbox if box.key in ("range", "refresh")] == ["refresh"]
    assert link_of(app) == {"range": "1 h"}


def test_a_contacts_timeline_is_of_all_time_and_has_no_period_to_choose() -> None:
    app = visit("conversations", contact="c1")
    assert [box.key for box in app.selectbox if box.key == "range"] == []


def test_what_is_chosen_is_in_the_link_for_every_page() -> None:
    app = visit("ml")
    app.selectbox("range").set_value("30 d").run()
    assert (rolling(app), link_of(app)) == ("30 d", {"range": "30 d"})


def test_what_is_chosen_for_one_page_takes_nothing_from_others() -> None:
    app = visit("ml", range="7 d", range_system="1 h")
    app.toggle("every_page").set_value(False).run()
    assert link_of(app) == {"range_ml": "7 d", "range_system": "1 h"}
    app.selectbox("range").set_value("30 d").run()
    assert (rolling(app), link_of(app)) == ("30 d", {"range_ml": "30 d", "range_system": "1 h"})
    app.toggle("every_page").set_value(True).run()
    assert link_of(app) == {"range": "30 d"}
    app.button("own_periods").click().run()
    assert (rolling(app), link_of(app)) == ("7 d", {})


def test_chosen_days_begin_with_those_shown_and_are_in_the_link_at_once() -> None:
    app = visit("ml", range="7 d")
    today = datetime.now(AppContext.current().settings.timezone).date()
    app.selectbox("range").set_value("Custom").run()
    first = today - timedelta(days=6)
    assert link_of(app) == {"range": "Custom", "from": first.isoformat(), "to": today.isoformat()}
    app.date_input("to").set_value(first).run()
    assert link_of(app)["to"] == first.isoformat()
    app.date_input("from").set_value(date(2026, 1, 2)).run()
    assert link_of(app) == {"range": "Custom", "from": "2026-01-02", "to": first.isoformat()}
    assert rolling(app) == ""


def test_the_month_that_is_over_is_written_as_its_days_and_can_be_chosen_again() -> None:
    app = visit("ml")
    begins = datetime.now(AppContext.current().settings.timezone).date().replace(day=1)
    last = begins - timedelta(days=1)
    days = {"range": "Custom", "from": last.replace(day=1).isoformat(), "to": last.isoformat()}
    names = app.selectbox("range").options
    assert names[-5:] == ["This month", "This quarter", "Last month", "Last quarter", "Custom"]
    app.selectbox("range").set_value("Last month").run()
    assert link_of(app) == days
    box = next(box for box in app.selectbox if box.label == "Time range")
    assert box.value == "Custom"
    box.set_value("Last month").run()
    assert link_of(app) == days


def test_days_chosen_the_wrong_way_round_are_turned() -> None:
    app = visit("ml", range="Custom", **{"from": "2026-03-01", "to": "2026-03-05"})
    app.date_input("from").set_value(date(2026, 3, 9)).run()
    assert link_of(app) == {"range": "Custom", "from": "2026-03-05", "to": "2026-03-09"}
    assert app.date_input[0].value == date(2026, 3, 5)


def test_a_link_to_a_moment_shows_its_minutes_and_other_minutes_can_be_chosen() -> None:
    app = visit("ml", **{"from": "2026-03-09T09:30", "to": "2026-03-09T11:15"})
    scope = app.session_state["scope"]
    zone = AppContext.current().settings.timezone
    assert [f"{at.astimezone(zone):%d %H:%M}" for at in (scope.start, scope.end)] == ["09 09:30", "09 11:15"]
    app.datetime_input("from_minute").set_value(datetime(2026, 3, 9, 12, 1)).run()
    assert link_of(app) == {"range": "Custom", "from": "2026-03-09T11:15", "to": "2026-03-09T12:01"}
    app.datetime_input[0].set_value(datetime(2026, 3, 9, 12, 1)).run()
    assert link_of(app) == {"range": "Custom", "from": "2026-03-09T11:15", "to": "2026-03-09T12:01"}
    app.toggle("minutes").set_value(False).run()
    assert link_of(app) == {"range": "Custom", "from": "2026-03-09", "to": "2026-03-09"}
    app.toggle[0].set_value(True).run()
    assert link_of(app) == {"range": "Custom", "from": "2026-03-09T00:00", "to": "2026-03-10T00:00"}


def test_a_short_span_is_held_as_it_is_by_its_minutes() -> None:
    app = visit("ml", range="1 h")
    app.selectbox("range").set_value("Custom").run()
    scope = app.session_state["scope"]
    assert timedelta(hours=1) <= scope.end - scope.start <= timedelta(hours=1, minutes=1)
    assert "T" in link_of(app)["from"]


def test_a_moment_that_is_to_come_is_refused() -> None:
    today = datetime.now(AppContext.current().settings.timezone).date()
    app = visit("ml", **{"from": f"{today}T23:59", "to": f"{today}"})
    assert rolling(app) == "7 d"
    assert any(text.value.startswith("the period begins in the future") for text in app.text)


@pytest.mark.parametrize(
    ("link", "sentence"),
    [
        ({"range": "**foo**"}, "range is '**foo**': allowed are 15 m, 1 h, 24 h"),
        (
            {"from": "2026-13-01", "to": "2026-03-05"},
            "from is '2026-13-01', which is no day and no minute: allowed are days such as",
        ),
        ({"from": "2026-03-05", "to": "2026-03-01"}, "to is 2026-03-01, before from: allowed are days from 2026-03-05"),
        ({"from": "2026-03-05", "to": "2999-03-01"}, "to is '2999-03-01', in the future: allowed are days such as"),
        ({"refresh": "1 s"}, "refresh is '1 s': allowed are 5 s, 10 s"),
        ({"paused": "perhaps"}, "paused is 'perhaps': allowed are false, true. It is false here."),
    ],
)
def test_what_a_link_says_wrongly_is_told_and_the_pages_own_period_shown(link: dict[str, str], sentence: str) -> None:
    app = visit("ml", **link)
    assert not app.exception
    assert rolling(app) == "7 d"
    assert [warning.value for warning in app.warning if "link" in warning.value]
    assert any(text.value.startswith(sentence) for text in app.text)


def test_switches_are_in_the_link_where_they_are_not_as_usual() -> None:
    app = visit("ml")
    app.toggle("compare").set_value(False).run()
    app.toggle("paused").set_value(True).run()
    app.selectbox("refresh").set_value("1 min").run()
    assert link_of(app) == {"compare": "false", "paused": "true", "refresh": "1 min"}
    scope = app.session_state["scope"]
    assert (scope.compare, scope.paused, scope.refresh_s) == (False, True, 60)
    app.toggle("compare").set_value(True).run()
    assert link_of(app) == {"paused": "true", "refresh": "1 min"}
