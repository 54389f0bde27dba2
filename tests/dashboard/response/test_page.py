"""The page of Response: waits as they are counted, and marks and rows that open the contacts they are made of."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast
from zoneinfo import ZoneInfo

import pytest
from streamlit.testing.v1 import AppTest

from jorge_data.dashboard.context import AppContext
from jorge_data.dashboard.query.page_query import PageQuery
from jorge_data.dashboard.query.requests import TableRequest
from jorge_data.dashboard.response.data import PIXELS, Waits, arrivals, longest_waiting, touches
from jorge_data.events.timestamps import micros, moment
from jorge_data.metrics.colleagues import Colleague, Colleagues
from jorge_data.metrics.statistics.speed_to_lead import curve, share_within, wait_of
from tests.dashboard.app_context import context_with, here, metrics, past_event, texts
from tests.dashboard.seller_qualification.test_page import answer
from tests.dashboard.test_pages import visit
from tests.served import Served


def hot(contact: str, minutes_ago: float) -> dict[str, Any]:
    return answer(contact, minutes_ago, 3, 4, "hot")


def text(contact: str, minutes_ago: float, agent: str, name: str = "") -> dict[str, Any]:
    told = {"conversation_id": f"v-{contact}", "contact_id": contact, "kind": "message", "channel": "sms"}
    who = {"author": "agent", "direction": "outbound", "agent_id": agent, "agent_name": name or None}
    return past_event("conversation_event", minutes_ago, **told, **who, delivery="delivered", body="hi")


def told() -> list[dict[str, Any]]:
    """Amara writes to four within minutes, Tom to one after twenty; one waits for a quarter of an hour."""
    events = [hot(f"a{at}", 50) for at in range(4)]
    events += [text(f"a{at}", 50 - 2 * (at + 1), "amara", "Amara Obi") for at in range(4)]
    return [*events, hot("t", 50), text("t", 30, "tom", "Tom Lindqvist"), hot("w", 15)]


@pytest.fixture(scope="module")
def context(served: Served) -> Iterator[AppContext]:
    with context_with(served, *told(), office_hours="") as context:
        yield context


def points(app: AppTest, key: str) -> list[str]:
    """Return what the marks of a chart open."""
    (chart,) = (each for each in app.get("plotly_chart") if f"-chart_{key}_" in each.proto.id)
    traces = json.loads(chart.proto.spec)["data"]
    return [token for trace in traces for (token,) in trace.get("customdata") or () if token]


def opened(context: AppContext, token: str) -> list[str]:
    rows = TableRequest.read(token, context.settings.location)
    return sorted(record["entity"] for record in here(context).client.table(rows).records())


@pytest.fixture(scope="module")
def app(context: AppContext) -> AppTest:
    return visit("response", range="1 h")


def test_who_waits_is_counted_as_waiting(app: AppTest) -> None:
    assert not app.exception
    figures = metrics(app)
    assert figures["Half hear within"].startswith(("5 m 5", "6 m"))
    assert figures["Still waiting now"] == "1"
    shown = texts(app)
    assert any(each.startswith("Half of hot sellers hear from a person within ") for each in shown)
    assert any(each.startswith("w 15 m") and each.endswith(", nobody") for each in shown)


def test_each_mark_of_the_curve_opens_its_one_contact(app: AppTest, context: AppContext) -> None:
    # Four of them turned hot within microseconds of one another: a mark is of its very own.
    assert sorted(contact for token in points(app, "hear") for contact in opened(context, token)) == [
        *("a0", "a1", "a2", "a3"),
        *("t", "w"),
    ]


def test_of_a_curve_of_many_no_more_is_marked_than_a_hand_can_hit() -> None:
    end, zone = datetime(2026, 11, 24, tzinfo=UTC), ZoneInfo("UTC")
    query, now = PageQuery("austin", end - timedelta(days=7), end, zone, zone, "last 7 d"), micros(end)
    about = now, "", "", "Mon 08", True
    heard = [wait_of(f"c{n}", now - n, "heard", n % 2500 + n / 1e6, *about) for n in range(5000)]
    waiting = [wait_of(f"w{n}", now - n * 1_000_000, "waiting", None, *about) for n in range(1, 2501)]
    waits = Waits(cast(Any, None), query)
    waits.__dict__["_read"] = [*heard, *waiting], True, Colleagues(), set()
    frame, survival = arrivals(waits, 1, 1800), curve(waits.current)
    assert PIXELS < len(frame) <= 1 + 2 * (PIXELS + 1)
    assert [share_within(survival, at) for at in frame["time"]] == pytest.approx(list(frame["share"]))
    opened = [TableRequest.read(token, "austin") for token in frame["drill"] if token]
    spans = [(rows.start, rows.end) for rows in opened if "heard:eq:waiting" in rows.where]
    times = [moment(wait.at) for wait in waiting]
    assert [at for start, end in spans for at in times if start and end and start <= at < end] == times


def test_the_cells_of_the_week_open_all_who_turned_hot_in_them(app: AppTest, context: AppContext) -> None:
    cells = [contact for token in points(app, "week") for contact in opened(context, token)]
    assert sorted(cells) == ["a0", "a1", "a2", "a3", "t", "w"]


def test_the_leader_board_names_agents_soonest_first_and_whom_nobody_has_taken_last(app: AppTest) -> None:
    board = next(frame.value for frame in app.dataframe if "agent" in frame.value.columns)
    assert list(board["agent"]) == ["Amara Obi *", "Tom Lindqvist *", "Nobody yet", "All"]
    assert list(board["sellers"]) == [4, 1, 1, 6]
    assert list(board["waiting"]) == [0, 0, 1, 1]


def test_the_slowest_come_first_and_who_waits_says_so(app: AppTest) -> None:
    listed = next(frame.value for frame in app.dataframe if "waited" in frame.value.columns)
    assert list(listed["name"]) == ["t", "w", "a3", "a2", "a1"]
    assert listed["waited"][0] == "20 m"
    assert listed["waited"][1].endswith(", waiting")


def test_where_nobody_turned_hot_there_is_no_data(served: Served) -> None:
    with context_with(served):
        app = visit("response")
        assert not app.exception
        assert set(metrics(app).values()) == {"no data"}
        assert "No seller turned hot" in texts(app)
        assert "nobody turned hot in the period" in texts(app)
        assert "fewer than half have heard" not in texts(app), "there is nobody of whom half could have"


def test_the_ids_of_a_person_in_the_crm_and_in_the_product_are_one() -> None:
    people = Colleague("amara@office", "Amara Obi", "7f"), Colleague("mary", "Mary")
    names = Colleagues(people, {"7f": "A. Obi", "x": "Tom"})
    ids = ("amara@office", "7f", "mary", "x", "y", "")
    assert [names.one(each) for each in ids] == ["7f", "7f", "mary", "x", "y", ""]
    assert [names.name(names.one(each)) for each in ids] == ["Amara Obi", "Amara Obi", "Mary", "Tom", "y", ""]


def test_what_is_read_is_the_same_whether_or_not_the_period_before_is_compared() -> None:
    end, zone = datetime(2026, 11, 24, tzinfo=UTC), ZoneInfo("UTC")
    query = PageQuery("austin", end - timedelta(days=90), end, zone, zone, "last 90 d", period="90 d")
    assert touches(replace(query, compare=True)) == touches(replace(query, compare=False))
    assert touches(query).start == query.before.start


def test_of_all_who_wait_the_names_of_those_are_asked_who_are_named() -> None:
    now, asked = 600_000_000, list[str]()
    waiting = [wait_of(f"c{m}", m * 60_000_000, "waiting", None, now, "", "", "Mon 08", True) for m in range(5)]
    waits = cast(Waits, SimpleNamespace(current=waiting, names=Colleagues()))

    def names_of(contacts: list[str]) -> Callable[[str], str]:
        asked.extend(contacts)
        return str.upper

    assert longest_waiting(waits, names_of) == "C0 10 m, nobody · C1 9 m, nobody and 3 more"
    assert asked == ["c0", "c1"]
