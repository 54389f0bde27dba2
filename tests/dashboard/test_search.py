"""The search of every page: who is meant stands first, pages by their words, and what fails leaves the rest."""

from collections.abc import Iterator
from typing import Any

import pytest

from jorge_data.dashboard.context import AppContext
from jorge_data.dashboard.search import search
from jorge_data.dashboard.ui.navigation import ENTRIES
from tests.dashboard.app_context import context_with, here, past_event
from tests.dashboard.fake_feeds import HOME
from tests.dashboard.test_pages import build
from tests.served import Served

NAMES = {"c-1": "Hannah Ortiz", "c-2": "Ann Lee", "c-3": "Joanna Kim", "c-4": "Mary Ann Cole"}


def update(contact: str, **data: Any) -> dict[str, Any]:
    return past_event("contact_update", contact_id=contact, name=NAMES[contact], changed={}, **data)


DEAL = past_event(
    "commission_update",
    deal_id="d-1",
    name="14 Elm St",
    contact_id="c-2",
    deal_value=412_500.0,
    status="open",
    stage="Listing",
)

UNNAMEABLE = {**DEAL, "data": {**DEAL["data"], "deal_id": "d,2"}}
"""A deal whose id no link can say."""


@pytest.fixture(scope="module")
def office(served: Served) -> Iterator[AppContext]:
    numbers = {"c-2": {"phone": "+15125550143", "email": "ann@example.com"}}
    with context_with(
        served, *(update(contact, **numbers.get(contact, {})) for contact in NAMES), DEAL, UNNAMEABLE
    ) as context:
        yield context


def found(office: AppContext, text: object) -> dict[str, list[dict[str, Any]]]:
    answer = search(here(office), office.settings.location, text)
    assert answer["failed"] == []
    return {group["title"]: group["rows"] for group in answer["groups"]}


def test_who_is_called_so_stands_before_who_is_called_like_it(office: AppContext) -> None:
    assert [row["title"] for row in found(office, "ann")["Contacts"]][:2] == ["Ann Lee", "Mary Ann Cole"]
    assert {row["title"] for row in found(office, "ann")["Contacts"]} == set(NAMES.values())


@pytest.mark.parametrize("text", ["512-555-0143", "+1 (512) 555 0143", "ANN@example", "c-2", "lee ann"])
def test_a_contact_is_found_by_all_by_which_one_knows_it(office: AppContext, text: str) -> None:
    (row,) = found(office, text)["Contacts"]
    assert (row["title"], row["note"]) == ("Ann Lee", "(512) 555-0143 · ann@example.com")
    assert row["open"] == {"page": "conversations", "parameters": {"contact": "c-2"}, "whole": False}


def test_a_deal_opens_its_row(office: AppContext) -> None:
    (row,) = found(office, "elm")["Deals"]
    assert [group["more"] for group in search(here(office), office.settings.location, "elm")["groups"]] == [0]
    assert row["title"] == "14 Elm St"
    assert "$412,500" in row["note"]
    assert row["open"]["page"] == "revenue"
    assert "deal_id%3Aeq%3Ad-1" in row["open"]["parameters"]["drill"]


def test_pages_are_found_by_their_title_and_by_what_they_are_about(office: AppContext) -> None:
    assert [row["title"] for row in found(office, "")["Pages"]] == [entry.title for entry in ENTRIES][:8]
    assert found(office, "reven")["Pages"][0]["title"] == "Revenue"
    assert found(office, "commission")["Pages"][0]["title"] == "Revenue"


def test_a_saved_view_is_found_and_is_a_link_of_its_own(office: AppContext) -> None:
    context = here(office)
    location = office.settings.location
    parameters = {"location": location, "range": "7 d"}
    saved = {"name": "Élan of the week", "page": "ml", "parameters": parameters, "shared": False}
    context.api_at(location).put("/api/views", saved)
    (row,) = found(office, "elan")["Saved views"]
    assert (row["title"], row["note"]) == ("Élan of the week", "ML confidence")
    assert row["open"] == {"page": "ml", "parameters": parameters, "whole": True}


@pytest.mark.parametrize("text", [None, 7, "   ", ["a"]])
def test_without_a_text_there_are_pages_and_views_alone(office: AppContext, text: object) -> None:
    assert "Contacts" not in found(office, text)


def test_what_nobody_is_called_is_not_found(office: AppContext) -> None:
    assert found(office, "x" * 500) == {}


def test_where_the_server_fails_the_pages_are_found_all_the_same() -> None:
    context = build()
    answer = search(here(context), HOME, "revenue")
    context.locations.close()
    assert [group["title"] for group in answer["groups"]] == ["Pages"]
    (sentence,) = answer["failed"]
    assert sentence.startswith("Contacts, deals and saved views could not be searched: ")
    assert not sentence.endswith("..")
