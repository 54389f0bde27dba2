"""An admin adds, changes and disables users; a link lets one choose a password once; all of it is in the audit log."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, get_args

import pytest

from jorge_data.permissions import AskedRole
from jorge_data.server.auth.tokens import Tokens
from jorge_data.store import AuditedAction, Credential, SQLiteStore
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


def make(people: People, by: str, role: str = "admin", subject: str = "ops", **asked: Any) -> str:
    """Have a token made by another; return it."""
    answer = people.ask("tokens", by, role=role, subject=subject, ttl_s=86_400, **asked)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["token"])


def is_taken(people: People, token: str, location: str) -> bool:
    headers = {"Authorization": f"Bearer {token}"}
    answer = people.served.session.get(
        f"{people.served.url}/events", params={"location": location}, headers=headers, timeout=20
    )
    assert answer.status_code in (200, 401), answer.text
    return answer.status_code == 200


def demote(people: People, name: str) -> None:
    """Leave an admin of every office one office."""
    grants = [{"role": "viewer"}, {"role": "admin", "location": "austin"}]
    assert people.administer(f"users/{name}/grants", "PUT", grants=grants).status_code == 200


def disable(people: People, name: str) -> None:
    assert people.administer(f"users/{name}/disable").status_code == 200


@pytest.mark.parametrize("end", [demote, disable], ids=lambda end: end.__name__)
def test_no_token_stays_that_goes_back_to_who_may_not_make_it_any_more(
    people: People, name: str, end: Callable[[People, str], None]
) -> None:
    """Nor one that a token of his has made, whatever they are called; his namesakes keep theirs."""
    person = people.settle(name, "admin")
    people.settle(f"{name}.2", "admin")
    first = make(people, person.token())
    chain = {
        "of every office": (make(people, make(people, first, subject="ops of ops")), "austin"),
        "of another office": (make(people, first, location="boston"), "boston"),
        "of his office": (make(people, first, location="austin"), "austin"),
        "of somebody else": (make(people, people.settle(f"{name}.3", "admin").token()), "austin"),
        "of a namesake": (make(people, Tokens(people.served.secret).issue("admin", name, 3600)), "austin"),
        "of a namesake's": (make(people, Tokens(people.served.secret).issue("admin", "ops", 3600)), "austin"),
    }
    assert all(is_taken(people, *each) for each in chain.values())
    end(people, name)
    staying = {called for called, each in chain.items() if is_taken(people, *each)}
    his = {"of his office"} if end is demote else set[str]()
    assert staying == his | {"of somebody else", "of a namesake", "of a namesake's"}
    assert not is_taken(people, first, "austin")


def test_no_token_is_made_by_one_that_was_revoked_while_it_was_asked_for(tmp_path: Path) -> None:
    """What a disabled user's token was about to make is not made behind the look for them."""
    with closing(SQLiteStore(tmp_path / "events.db")) as store:
        now = datetime.now(UTC)
        act = AuditedAction(now, "ann", "token.make", "a token")
        ends = now + timedelta(days=1)
        assert store.credentials.add(Credential("t1", now, expires_at=ends), None, "made elsewhere", act).result(10)
        store.credentials.revoke("t1", act).result(10)
        assert not store.credentials.add(Credential("t2", now, expires_at=ends), None, "t1", act).result(10)
        assert store.credentials.get("t2") is None


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


@pytest.mark.parametrize("word", ["event-server", "Command-Line", " dashboard", "an unknown name"])
def test_no_token_and_no_user_is_called_what_the_audit_log_says_of_ourselves(people: People, word: str) -> None:
    for role in ("viewer", "publisher"):
        answer = people.administer("tokens", role=role, subject=word)
        assert (answer.status_code, "allowed is any but" in answer.json()["error"]["detail"]) == (422, True)
    assert people.administer("users", name=word, role="viewer").status_code == 422


def test_what_is_done_by_a_token_is_told_apart_from_who_is_called_so(people: People, name: str) -> None:
    """A token's maker may give it any name that is no user's yet; the log has the token's id where a login has its
    session."""
    token = make(people, people.served.token("admin"), subject=name, location="austin")
    person = people.settle(name, "admin", location="austin")
    sessions = []
    for by in (token, person.token("austin")):
        make(people, by, "viewer", "x", location="austin")
        (entry,) = people.served.get("/api/audit", limit=1, by=name, act="token.make")["entries"]
        sessions.append(entry["session"])
    claims = [Tokens(people.served.secret).verify(each) for each in (token, person.token("austin"))]
    assert sessions == [f"token {claims[0].token_id}", claims[1].session]
