"""The last 1,000 events on the Command Center: what is searched, counted, exported and opened is one and the same."""

from collections.abc import Iterator
from typing import Any, get_args

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from jorge_data.dashboard.command_center import recent_events
from jorge_data.dashboard.command_center.recent_events import KIND_OPTIONS, Criteria
from jorge_data.dashboard.context import AppContext
from jorge_data.dashboard.ui import export
from jorge_data.events import Event
from jorge_data.metrics.wall.view import Group
from tests.dashboard.app_context import here, texts
from tests.dashboard.fake_feeds import HOME, event
from tests.dashboard.test_pages import build, visit
from tests.dashboard.ui.test_event_window import ALLOWED, SIZE, owned

STALL: dict[str, Any] = {
    "contact_id": "dana",
    "current_question": 1,
    "questions_answered": 1,
    "seller_temperature": "warm",
}
STALL |= {"confrontational_effectiveness": 40, "stall_detected": True, "next_step": "Ask again", "stall_type": "price"}


def happened() -> list[Event]:
    """Ann, Bob and Cy write, Dana stalls, the seller bot rests, and Ann gets her name."""
    return [
        *(message(seq, contact, f"about the {what}") for seq, contact, what in MESSAGES),
        event(4, kind="jorge_qualification_progress", **STALL)._replace(source="jorge-seller"),
        event(5, kind="bot_status_update", bot_type="jorge-seller", status="idle", current_step="waits for Dana"),
        event(
            6, kind="contact_update", contact_id="c-1", name="Ann Ask", changed={"name": {"from": "", "to": "Ann Ask"}}
        ),
    ]


MESSAGES = ((1, "c-1", "roof"), (2, "c-2", "price"), (3, "c-3", "=HYPERLINK(roof)"))


def message(seq: int, contact: str, body: str) -> Event:
    data = {"conversation_id": contact, "contact_id": contact, "kind": "message", "body": body, "author": "contact"}
    return event(seq)._replace(data=data)


@pytest.fixture
def context() -> Iterator[AppContext]:
    context = build()
    here(context).locations.get(HOME).deliver(happened(), 0.0)
    yield context
    context.locations.close()


def listed(app: AppTest) -> pd.DataFrame:
    frame: pd.DataFrame = app.dataframe[0].value
    return frame


def seqs(app: AppTest) -> list[int]:
    return list(listed(app)["seq"])


@pytest.mark.usefixtures("context")
def test_the_window_is_filled_only_where_it_is_listed() -> None:
    assert "window" not in visit().session_state
    assert "window" not in visit(events="true", kiosk="1").session_state
    app = visit(events="true")
    assert [each.seq for each in app.session_state["window"].events] == [6, 5, 4, 3, 2, 1]
    assert seqs(app) == [6, 5, 4, 3, 2, 1]
    assert "window" not in visit("system", events="true").session_state


@pytest.mark.usefixtures("context")
def test_a_row_is_the_sentence_of_the_wall_with_the_contacts_name() -> None:
    row = listed(visit(events="true")).iloc[-1]
    assert (row["contact"], row["event"], row["kind"]) == ("Ann Ask", "Ann Ask “about the roof”", "Conversations")


@pytest.mark.usefixtures("context")
@pytest.mark.parametrize(
    ("search", "expected"),
    [
        ("roof", [3, 1]),
        ("ROOF  ann", [1]),
        ("ann", [6, 1]),
        ("c-1", [6, 1]),
        ("stalled on question 2", [4]),
        ("effectiveness", [4]),
        ("conversation_event", []),  # a machine's name that nobody is shown
    ],
)
def test_it_finds_what_is_shown_and_nothing_else(search: str, expected: list[int]) -> None:
    app = visit(events="true", events_search=search)
    assert (seqs(app) if expected else [frame.value for frame in app.dataframe]) == expected
    count = f"{len(expected)} of the last 6 events"
    assert any(text.startswith(count) for text in texts(app)) or not expected
    assert any("None of these events is like that." in text for text in texts(app)) == (not expected)


@pytest.mark.usefixtures("context")
def test_kinds_and_sources_narrow_it_together() -> None:
    app = visit(events="true")
    assert app.multiselect("events_source").options == ["Seller bot", "tests"]
    app.multiselect("events_kind").set_value(["Qualification", "Bots"]).run()
    assert seqs(app) == [5, 4]
    app.multiselect("events_source").set_value(["Seller bot"]).run()
    assert seqs(app) == [4]


@pytest.mark.usefixtures("context")
def test_what_is_exported_is_what_was_listed_whatever_came_since(monkeypatch: pytest.MonkeyPatch) -> None:
    exports = {}
    monkeypatch.setattr(
        export, "buttons", lambda name, key, frame, parquet=False: exports.update({key: (frame, parquet)})
    )
    app = visit(events="true", events_search="roof")
    here().locations.get(HOME).deliver([message(7, "c-9", "another roof")], 0.0)
    frame, parquet = exports["events"]
    assert parquet
    assert list(frame()["seq"]) == seqs(app) == [3, 1]
    assert list(frame().columns) == list(recent_events.Row._fields)
    assert "“about the =HYPERLINK(roof)”" in export.as_csv(frame()).decode()


@pytest.mark.usefixtures("context")
def test_a_refresh_brings_what_came_and_keeps_the_search() -> None:
    app = visit(events="true", events_search="roof")
    here().locations.get(HOME).deliver([message(7, "c-9", "another roof")], 0.0)
    assert seqs(app.run()) == [7, 3, 1]


def test_a_thousand_events_are_listed_at_the_cost_of_their_references(context: AppContext) -> None:
    location_state = here(context).locations.get(HOME)
    location_state.deliver([message(seq, f"c-{seq % 50}", "about the roof") for seq in range(10, SIZE + 60)], 0.0)
    app = visit(events="true", events_search="c-7")
    assert len(listed(app)) == SIZE // 50
    assert any(text.startswith(f"{SIZE // 50} of the last {SIZE:,} events") for text in texts(app))
    assert owned(app.session_state["window"], location_state) <= ALLOWED


def test_a_viewer_is_shown_no_contact_and_no_step_that_names_one() -> None:
    context = build(role="viewer")
    here(context).locations.get(HOME).deliver(happened(), 0.0)
    frame = listed(visit(events="true"))
    context.locations.close()
    assert list(frame["seq"]) == [5]
    assert frame["contact"].tolist() == [""]
    assert "Dana" not in frame.to_csv()


def test_before_anything_came_it_says_so() -> None:
    context = build()
    app = visit(events="true")
    context.locations.close()
    assert not app.exception
    assert not app.dataframe
    assert not any("of the last" in text for text in texts(app))


def test_the_kinds_are_the_walls_own() -> None:
    assert [kind.lower() for kind in KIND_OPTIONS] == list(get_args(Group))


def test_nothing_asked_for_means_everything() -> None:
    rows = list(recent_events.rows(happened(), here(build()).locations.get(HOME), sees_contacts=True))
    assert [row for row in rows if Criteria().matches(row)] == rows
