"""An admin adds, changes and disables users; a link lets one choose a password once; all of it is in the audit log."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, get_args

import pytest

from jorge_data.permissions import AskedRole
from tests.served import Served
from tests.server.users.people import PASSWORD, People


def test_the_link_of_the_first_start_makes_one_admin_once(tmp_path: Path) -> None:
    """The newest alone is good, and of several who use it at once one becomes an admin."""
    with Served(tmp_path, JORGE_ANONYMOUS="off") as served:
        people = People(served)
        old, new = (people.ask("invitations/first").json()["invitation"] for _ in range(2))
        assert people.ask("invitations/use", invitation=old, name="eve", password=PASSWORD).status_code == 401
        assert people.ask("invitations/use", invitation=new, password=PASSWORD).status_code == 422
        with ThreadPoolExecutor(4) as pool:
            used = list(
                pool.map(
                    lambda name: people.ask("invitations/use", invitation=new, name=name, password=PASSWORD),
                    ("ann", "bob", "cid", "dan"),
                )
            )
        assert sorted(answer.status_code for answer in used) == [201, 401, 401, 401]
        (first,) = (answer.json() for answer in used if answer.status_code == 201)
        assert first["grants"] == [{"location": None, "role": "admin", "agent_id": None}]
        assert [user["name"] for user in served.get("/api/users")["users"]] == [first["user"]]
        assert people.ask("invitations/first").status_code == 409
        assert people.log_in(first["user"]).status_code == 201


def test_a_link_is_for_one_use_and_the_newest_alone_is_good(people: People, name: str) -> None:
    first = people.add(name)["invitation"]
    second = people.administer(f"users/{name}/reset").json()["invitation"]
    refused = people.ask("invitations/use", invitation=first, password=PASSWORD)
    assert (refused.status_code, refused.json()["error"]["code"]) == (401, "link_ended")
    assert people.ask("invitations/use", invitation=second, password=PASSWORD).status_code == 201
    assert people.ask("invitations/use", invitation=second, password=PASSWORD).status_code == 401


def test_a_link_of_who_is_disabled_meanwhile_is_good_no_more(people: People, name: str) -> None:
    link = people.add(name)["invitation"]
    assert people.administer(f"users/{name}/disable").status_code == 200
    assert people.ask("invitations/use", invitation=link, password=PASSWORD).status_code == 401
    assert people.administer(f"users/{name}/reset").status_code == 409


def test_who_is_disabled_and_enabled_again_logs_in_by_his_password(people: People, name: str) -> None:
    people.settle(name)
    assert people.administer(f"users/{name}/disable").json()["disabled_at"] is not None
    assert people.log_in(name).status_code == 401
    assert people.administer(f"users/{name}/enable").json()["disabled_at"] is None
    assert people.log_in(name).status_code == 201


WRONG: dict[str, dict[str, Any]] = {
    "an agent who is nobody": {"role": "agent", "agent_id": None},
    "a role of a bot": {"role": "publisher"},
    "a role of a dashboard": {"role": "dashboard"},
    "an office that is none": {"location": "a b"},
    "no role": {"role": None},
    "a login that is none": {"login": "oidc"},
    "a name that is somebody else's word": {"name": "Command-Line"},
    "no name": {"name": "  "},
    "an invisible name": {"name": "a\u202eb"},
}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_a_user_who_would_be_wrong_is_refused(people: People, name: str, wrong: dict[str, Any]) -> None:
    good = {"name": name, "role": "viewer", "location": "austin"}
    assert people.administer("users", **(good | wrong)).status_code == 422
    assert people.administer("users", **good).status_code == 201
    assert people.administer("users", **(good | {"name": name.upper()})).status_code == 409, "one spelling each"


@pytest.mark.parametrize(
    ("grants", "why"),
    [
        ([{"location": "austin", "role": "viewer"}] * 2, "a location twice"),
        ([{"role": "manager"}, {"location": "austin", "role": "viewer"}], "more than at every office"),
        ([{"role": "agent"}], "agent_id is null"),
    ],
)
def test_grants_that_contradict_each_other_are_refused(
    people: People, name: str, grants: list[dict[str, Any]], why: str
) -> None:
    people.add(name, "viewer")
    answer = people.administer(f"users/{name}/grants", "PUT", grants=grants)
    assert (answer.status_code, why in answer.json()["error"]["detail"]) == (422, True), answer.text


def test_the_only_admin_of_every_office_stays_one(tmp_path: Path) -> None:
    with Served(tmp_path) as served:
        people = People(served)
        people.settle("ann", "admin")
        less = [{"role": "viewer"}]
        for answer in (
            people.administer("users/ann/disable"),
            people.administer("users/ann/grants", "PUT", grants=less),
        ):
            assert answer.status_code == 409
            assert "only admin" in answer.json()["error"]["detail"]
        people.settle("bob", "admin")
        assert people.administer("users/ann/grants", "PUT", grants=less).status_code == 200


def test_an_admin_of_one_office_changes_no_users(people: People, name: str) -> None:
    person = people.settle(name, "admin", location="austin")
    assert people.ask("users", person.token("austin"), "GET").status_code == 403


def test_no_token_but_a_dashboards_lets_people_in(people: People, name: str) -> None:
    """Nor can an admin make himself such a token: it is made from the secret alone."""
    people.settle(name)
    for role in get_args(AskedRole):
        by = people.served.token(role)
        assert people.ask("sessions", by, name=name, password=PASSWORD).status_code == 403
    assert people.administer("tokens", role="dashboard", subject="eve").status_code == 422


def test_what_an_admin_made_for_people_ends_when_he_is_disabled_and_for_bots_does_not(
    people: People, name: str
) -> None:
    people.settle(f"{name}.2", "admin")  # for the last one cannot be disabled
    person = people.settle(name, "admin")
    by = person.token()
    made = {
        role: people.ask("tokens", by, role=role, subject="x", ttl_s=86_400).json()["token"]
        for role in ("admin", "publisher")
    }
    assert people.ask("users", made["admin"], "GET").status_code == 200
    assert people.administer(f"users/{name}/disable").status_code == 200
    assert people.ask("users", by, "GET").status_code == 401
    assert people.ask("users", made["admin"], "GET").status_code == 401
    assert people.served.post([], {"Authorization": f"Bearer {made['publisher']}"}).status_code != 401


def test_the_audit_log_has_what_was_granted_before_and_after(people: People, name: str) -> None:
    people.add(name, "viewer", location="austin")
    people.administer(f"users/{name}/grants", "PUT", grants=[{"location": "austin", "role": "manager"}])
    people.administer(f"users/{name}/disable")
    entries = people.served.get("/api/audit", limit=3)["entries"]
    assert [(each["act"], each["what"]) for each in reversed(entries)] == [
        ("user.add", name),
        ("user.grants", name),
        ("user.disable", name),
    ]
    changed = entries[1]
    assert changed["before"]["grants"][0]["role"] == "viewer"
    assert changed["after"]["grants"][0]["role"] == "manager"
    assert changed["by"] == "test-admin"


def test_the_list_has_each_user_and_nothing_that_lets_in(people: People, name: str) -> None:
    people.settle(name, "manager", location="austin")
    (listed,) = (user for user in people.served.get("/api/users")["users"] if user["name"] == name)
    assert (listed["has_password"], listed["sessions"], listed["disabled_at"]) == (True, 1, None)
    assert "argon2" not in str(listed)


def test_no_token_of_a_person_is_made_in_another_users_name(people: People, name: str) -> None:
    people.add(name)

    def made(**asked: str) -> int:
        return people.administer("tokens", **asked).status_code

    assert made(role="viewer", subject=f" {name.upper()}") == 403
    assert made(role="publisher", subject=name) == 201, "a bot's token may say whose bot it is"
    assert made(role="viewer", subject=f"{name}-screen") == 201
