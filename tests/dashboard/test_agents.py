"""Agents, a manager and a viewer before one dashboard and a real event server: each is shown his own."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from jorge_data.dashboard.context import AppContext, UserContext
from jorge_data.dashboard.login.own_token import OwnToken
from jorge_data.dashboard.login.user import Grant, User
from jorge_data.dashboard.query.requests import SeriesRequest, TableRequest
from jorge_data.dashboard.query.whole_table import whole_table
from jorge_data.dashboard.websocket import publish_action
from jorge_data.events import new_id
from jorge_data.metrics.entities.event_subject import contact_of
from jorge_data.settings import read_settings
from tests.dashboard.fake_feeds import run
from tests.served import Served
from tests.server.users.people import People, Person
from tests.waiting import wait_until

OFFICE = "office"
CONTACTS = {"anns": "a-ann", "bens": "a-ben", "unowned": None}


class Sessions:
    """People who have logged in at the event server, each with the tokens of his own session (an `Access`)."""

    def __init__(self, people: People) -> None:
        self._people = people
        self._logged_in: dict[User, Person] = {}
        self._tokens: dict[tuple[User, str | None], str] = {}

    def settle(self, name: str, role: Any, agent_id: str | None = None) -> User:
        given = {"location": OFFICE} | ({"agent_id": agent_id} if agent_id else {})
        person = self._people.settle(name, role, **given)
        user = User(name, name, (Grant(OFFICE, role, agent_id),), person.session)
        self._logged_in[user] = person
        return user

    def user_of(self, cookies: Mapping[str, str]) -> User | None:
        return None

    def token(self, user: User, location: str | None) -> str:
        if (user, location) not in self._tokens:
            self._tokens[user, location] = self._logged_in[user].token(location)
        return self._tokens[user, location]

    def refused(self, token: str) -> None:
        return None

    def is_in(self, user: User) -> bool:
        return user in self._logged_in


class World:
    """A server with three contacts, and a dashboard with four people before it."""

    def __init__(self, server: Served) -> None:
        self.server = server
        events = [
            {
                "type": "contact_update",
                "source": "tests",
                "locationid": OFFICE,
                "data": {"contact_id": contact, "name": f"Name of {contact}", "changed": {}, "assigned_to": agent},
            }
            for contact, agent in CONTACTS.items()
        ]
        events += [
            {
                "type": "jorge_qualification_progress",
                "source": "jorge-seller",
                "locationid": OFFICE,
                "data": {
                    "contact_id": contact,
                    "current_question": 3,
                    "questions_answered": 4,
                    "seller_temperature": "hot",
                    "confrontational_effectiveness": 80,
                    "stall_detected": False,
                    "next_step": f"call {contact}",
                },
            }
            for contact in CONTACTS
        ]
        assert server.post(events).status_code == 200
        access = Sessions(People(server))
        settings = read_settings(_env_file=None, demo="0", location=OFFICE, socket_url=server.url.replace("http", "ws"))
        self.context = AppContext.build(settings, OwnToken(server.token("dashboard")), access)
        self.ann, self.ben = (self.seen_by(access.settle(name, "agent", f"a-{name}")) for name in ("ann", "ben"))
        self.mary = self.seen_by(access.settle("mary", "manager"))
        self.vera = self.seen_by(access.settle("vera", "viewer"))

    def seen_by(self, user: User) -> UserContext:
        return self.context.seen_by(user)

    def act(self, who: UserContext, item: str, **more: str) -> dict[str, Any]:
        message = {"ref": new_id(), "item": item, "action": "assigned", **more}
        return run(publish_action(who, OFFICE, message))


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with Served(tmp_path, JORGE_ANONYMOUS="off") as server:
        world = World(server)
        yield world
        world.context.queries.close()
        world.context.locations.close()


def needs(who: UserContext) -> dict[str, str | None]:
    """Return whom the live wall of a user needs him for, and whose each is."""
    shown = who.locations.get(OFFICE).view(0)["needs"]["items"]
    return {each["item"]: each["owner"]["id"] if each["owner"] else None for each in shown}


def listed(who: UserContext) -> set[str]:
    """Return whom a page lists."""
    who.client.invalidate(OFFICE)
    return {str(row["contact_id"]) for row in who.client.table(TableRequest(OFFICE, "contacts")).records()}


def heard(who: UserContext) -> set[str | None]:
    return {contact_of(event) for event in who.locations.get(OFFICE).recent()}


def hot(*contacts: str) -> dict[str, str | None]:
    return {f"hot:{contact}": CONTACTS[contact] or None for contact in contacts}  # the CRM's agent, till one takes it


def test_each_is_shown_on_every_way_what_he_may_see(world: World) -> None:
    own: dict[UserContext, set[str]] = {
        world.ann: {"anns", "unowned"},
        world.ben: {"bens", "unowned"},
        world.mary: set(CONTACTS),
    }
    for who, contacts in own.items():
        wait_until(lambda who=who, contacts=contacts: heard(who) == contacts)  # type: ignore[misc]
        wait_until(lambda who=who, contacts=contacts: needs(who) == hot(*contacts))  # type: ignore[misc]
        assert listed(who) == contacts
        whole = whole_table(who.client, TableRequest(OFFICE, "jorge_qualification_progress")).frame
        assert set(whole["contact_id"]) == contacts
        written = str(who.locations.get(OFFICE).view(0)) + str(who.locations.figures(OFFICE))
        assert not [name for name in CONTACTS if name not in contacts and name in written]
    wait_until(lambda: world.vera.locations.position(OFFICE) is not None)
    view = world.vera.locations.get(OFFICE).view(0)
    assert not [name for name in CONTACTS if name in str(view) + str(world.vera.locations.figures(OFFICE))]
    assert world.vera.locations.get(OFFICE).recent() == []


def test_mine_takes_what_was_unowned_and_a_manager_gives_it_to_another(world: World) -> None:
    wait_until(lambda: needs(world.ben) == hot("bens", "unowned"))
    assert world.act(world.ann, "hot:unowned")["type"] == "done"
    wait_until(lambda: needs(world.ann) == {"hot:anns": "a-ann", "hot:unowned": "a-ann"})
    wait_until(lambda: listed(world.ben) == {"bens"})
    assert world.act(world.mary, "hot:unowned", to="ben")["type"] == "done"
    wait_until(lambda: listed(world.ben) == {"bens", "unowned"})
    wait_until(lambda: needs(world.ben) == {"hot:bens": "a-ben", "hot:unowned": "a-ben"})
    assert listed(world.ann) == {"anns"}


def test_who_may_not_gives_nothing_away_and_takes_nothing_of_anothers(world: World) -> None:
    refused: list[tuple[UserContext, str, dict[str, str]]] = [
        (world.ann, "hot:bens", {}),
        (world.ann, "hot:anns", {"to": "ben"}),
        (world.vera, "hot:unowned", {}),
    ]
    for who, item, more in refused:
        assert world.act(who, item, **more)["type"] == "refused"
    assert listed(world.ben) == {"bens", "unowned"}
    assert listed(world.ann) == {"anns", "unowned"}


def test_figures_that_name_nobody_are_the_same_for_all(world: World) -> None:
    request = SeriesRequest(OFFICE, "jorge_qualification_progress")
    values: dict[str, Callable[[], float | None]] = {
        name: lambda who=who: who.client.series(request).value  # type: ignore[misc]
        for name, who in (("ann", world.ann), ("mary", world.mary))
    }
    assert {name: value() for name, value in values.items()} == {"ann": 3.0, "mary": 3.0}
