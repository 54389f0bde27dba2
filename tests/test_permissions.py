"""The table has a row for whatever there is, and nothing is seen that has none."""

from datetime import UTC, datetime
from typing import get_args

import pytest

from jorge_data.dashboard.ui import navigation
from jorge_data.events import KINDS as EVENTS
from jorge_data.events import Cursor
from jorge_data.events.timestamps import micros
from jorge_data.metrics import Targets, view
from jorge_data.metrics.entities import CUBES
from jorge_data.metrics.wall.view import Group
from jorge_data.permissions import (
    CALLERS,
    FEED,
    FIGURES,
    KINDS,
    LIMITED,
    PAGES,
    RIGHTS,
    ROLES,
    TILES,
    Caller,
    Person,
    Right,
    kind_rows,
    may_see_field,
    may_see_kind,
    may_see_page,
    rows,
    visible_figures,
    visible_kinds,
)
from jorge_data.server.figures.live_figures import LocationFigures
from jorge_data.server.figures.sections import SECTIONS
from jorge_data.server.query.query_schema import LISTS
from scripts.permissions_page import PAGE, text

NOW = datetime(2026, 12, 1, 12, tzinfo=UTC)
OF_A_CONTACT = ("current_step", "contact", "contact_name", "error_message")


def test_every_right_kind_figure_tile_group_and_page_has_its_row() -> None:
    told = LocationFigures(
        Cursor("", 0), NOW, {"sources": {}, **dict.fromkeys(SECTIONS.keys() - {"sources"}), "counting": None}
    )
    assert set(RIGHTS) == set(Right)
    assert set(KINDS) == {*EVENTS, *(kind for kind, cube in CUBES.items() if cube.counted), *LISTS}
    assert set(FIGURES) == {*told.as_json(), "names"}
    assert set(TILES) == {tile["key"] for tile in view({}, [], 0, "office", Targets(), micros(NOW))["kpis"]}
    assert set(FEED) == set(get_args(Group))
    assert set(PAGES) == {entry.path for entry in navigation.ENTRIES}
    assert set(CALLERS) == {*ROLES, "anonymous"}


@pytest.mark.parametrize("role", CALLERS)
def test_what_has_no_row_is_for_nobody(role: Caller) -> None:
    assert not may_see_kind(role, "rumour")
    assert not may_see_page(role, "cellar")
    assert visible_figures(role, {"secrets": 1}) == {"secrets": None}


def test_of_a_kind_that_is_of_contacts_nothing_is_seen_without_the_right_to_see_contacts() -> None:
    machines = {"bot_status_update", "system_health_update", "component_time", "component_newest"}
    for role in CALLERS:
        sees = visible_kinds(role) - machines
        assert bool(sees) is (role in RIGHTS[Right.SEE_CONTACTS])


def test_every_event_that_somebody_sees_in_part_says_which_part() -> None:
    """An event whose fields are not listed would be served whole, its contact included."""
    for role, limited in LIMITED.items():
        assert set(limited.by_kind) == visible_kinds(role) & EVENTS.keys()
        for kind, fields in limited.by_kind.items():
            assert fields <= EVENTS[kind].__annotations__.keys()
            assert EVENTS[kind].__required_keys__ <= fields, "what is served is an event of the contract still"  # type: ignore[attr-defined]
            assert not may_see_field(role, kind, "subject")
            assert not may_see_field(role, kind, "contact_id")


def test_a_person_may_open_the_command_center_in_every_role() -> None:
    assert all(may_see_page(role, navigation.HOME) for role in get_args(Person))
    assert not may_see_page("publisher", navigation.HOME)


def test_the_figures_of_who_sees_no_contacts_have_no_step_of_a_bot_and_no_error_of_a_component() -> None:
    components = {"crm": {"status": "down", "error_message": "no write of Ann"}}
    figures = {
        "bots": {"lead-bot": {"status": "idle", "events_1h": 3, **dict.fromkeys(OF_A_CONTACT, "Ann")}},
        "system": {"overall": "critical", "components": components},
        "revenue": {"target": 1},
        "needs": {"count": 1, "items": []},
        "board": {"count": 1, "rows": []},
        "names": {"c1": "Ann"},
    }
    assert visible_figures("agent", figures) == figures
    assert visible_figures("viewer", figures) == {
        "bots": {"lead-bot": {"status": "idle", "events_1h": 3, **dict.fromkeys(OF_A_CONTACT)}},
        "system": {"overall": "critical", "components": {"crm": {"status": "down", "error_message": None}}},
        "revenue": None,
        "needs": None,
        "board": None,
        "names": None,
    }


def test_the_table_is_printed_with_a_word_under_each_role() -> None:
    printed = {row["right"]: row for row in rows()}
    assert printed["Remove an office"].pop("right") == "Remove an office"
    assert printed["Remove an office"] == {role: "yes" if role == "admin" else "–" for role in CALLERS}
    kinds = {row["kind"]: row["viewer"] for row in kind_rows()}
    assert (kinds["bot_status_update"], kinds["component_time"], kinds["deals"]) == ("in part", "yes", "–")


def test_the_page_of_permissions_is_what_the_table_says() -> None:
    assert PAGE.read_text() == text()
