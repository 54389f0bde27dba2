"""What a role is shown on the wall and in the drawer is what the table of permissions says."""

import json
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from jorge_data.dashboard.push.role_view import for_role
from jorge_data.dashboard.query.requests import TableRequest, equals
from jorge_data.dashboard.ui.drill_down import visible_rows
from jorge_data.events import Reception, admit, decode
from jorge_data.metrics import Targets, WallView
from jorge_data.permissions import FEED, TILES
from jorge_data.store import SQLiteStore
from tests.dashboard.fake_feeds import HOME, NOON
from tests.events.examples import FULL
from tests.wall import fold, wall_over

CANARY = "canary"


@pytest.fixture
def view(tmp_path: Path) -> WallView:
    """The wall after an event of every kind, whose every text of a contact has the canary."""
    named = {"contact_id": f"c-{CANARY}", "name": f"Ann {CANARY}", "body": CANARY, "current_step": f"asks {CANARY}"}
    told: list[dict[str, Any]] = []
    for kind, data in FULL.items():
        texts = {**data, **named}
        if kind == "bot_status_update":
            texts |= {"status": "error", "error_message": f"no answer from {CANARY}"}
        if kind == "system_health_update":
            texts |= {"error_message": f"no write of {CANARY}"}
        told.append({"type": kind, "source": "tests", "data": texts})
    with closing(SQLiteStore(tmp_path / "events.db")) as store:
        store.append(HOME, [admit(event, Reception(NOON, HOME)) for event in told]).result(10)
        fold(store, HOME, Targets())
        events = [decode(record.wire) for record in store.read(HOME, 0, 100).records]
        state, _ = wall_over(store, HOME, events, Targets(), NOON)
    return state.view(NOON.timestamp())


def test_a_viewer_is_shown_bots_and_components_and_no_word_of_a_contact(view: WallView) -> None:
    shown = for_role(view, "viewer")
    assert CANARY not in json.dumps(shown)
    assert {tile["key"] for tile in shown["kpis"]} == {key for key, roles in TILES.items() if "viewer" in roles}
    assert {line["group"] for line in shown["feed"]} == {group for group, roles in FEED.items() if "viewer" in roles}
    assert {card["state"] for card in shown["bots"]} >= {"error"}
    assert (shown["needs"]["items"], shown["board"]["rows"], shown["bar"]["alerts"]) == ([], [], 0)
    [health] = [line for line in shown["feed"] if line["group"] == "health"]
    assert health["detail"] == "", "a component's error is its publisher's text, and may quote a contact"


def test_an_agent_is_shown_all_of_it(view: WallView) -> None:
    assert for_role(view, "agent") == view
    assert CANARY in json.dumps(view["feed"])


def test_the_drawer_lists_of_a_bots_reports_what_a_viewer_may_see() -> None:
    rows = TableRequest(HOME, "bot_status_update", (equals("status", "error"),))
    seen = visible_rows(rows, "viewer")
    assert seen is not None
    assert set(seen.columns) == {"id", "time", "source", "bot_type", "status", "processing_time_ms"}
    named = visible_rows(TableRequest(HOME, "bot_status_update", columns=("time", "current_step")), "viewer")
    assert named is not None
    assert named.columns == ("time",)
    assert visible_rows(rows, "agent") == rows


@pytest.mark.parametrize(
    "rows",
    [
        TableRequest(HOME, "conversation_event"),
        TableRequest(HOME, "contacts"),
        TableRequest(HOME, "bot_status_update", (equals("contact_id", "c1"),)),
        TableRequest(HOME, "bot_status_update", ("current_step:ne:x",)),
    ],
)
def test_a_link_of_ones_own_making_opens_nothing_that_a_viewer_may_not_see(rows: TableRequest) -> None:
    assert visible_rows(rows, "viewer") is None
    assert visible_rows(rows, "agent") == rows


def test_a_link_whose_columns_are_all_hidden_lists_those_that_may_be_seen() -> None:
    seen = visible_rows(TableRequest(HOME, "bot_status_update", columns=("contact_id",)), "viewer")
    assert seen is not None
    assert "bot_type" in seen.columns
