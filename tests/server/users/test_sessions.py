"""Who logs in has a session and its short tokens; when it ends, whatever lived by it ends at once."""

import json
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jwt
import pytest
from argon2 import PasswordHasher

from jorge_data.server.auth.tokens import Tokens
from jorge_data.store import AuditedAction, SQLiteStore, StoredInvitation, StoredUser
from tests.served import Served
from tests.server.clients import closing as close_of
from tests.server.clients import read_on, subscribe
from tests.server.socket_io.polling_client import OpenClient
from tests.server.users.people import PASSWORD, People, Person
from tests.waiting import wait_until

WITHIN_S = 5.0


def test_a_name_and_a_password_begin_a_session_that_says_whose_it_is(people: People, name: str) -> None:
    people.settle(name, "manager", location="austin", display_name="Ann of sales")
    before = datetime.now(UTC)
    answer = people.log_in(f" {name.upper()} ")
    assert answer.status_code == 201
    body = answer.json()
    assert (body["user"], body["display_name"]) == (name, "Ann of sales")
    assert body["grants"] == [{"location": "austin", "role": "manager", "agent_id": None}]
    assert datetime.fromisoformat(body["ends_at"]) >= before + timedelta(days=6)
    current = people.ask("sessions/current", session=body["session"])
    assert (current.status_code, current.json()) == (200, body)
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_persons_token_says_who_he_is_and_ends_within_minutes(people: People, name: str) -> None:
    person = people.settle(name, location="austin", agent_id="crm-7", display_name="Ann")
    answer = people.ask("sessions/token", session=person.session, location="austin").json()
    claims = Tokens(people.served.secret).verify(answer["token"])
    assert (claims.subject, claims.role, claims.location) == (name, "agent", "austin")
    assert (claims.agent_id, claims.name) == ("crm-7", "Ann")
    said = jwt.decode(answer["token"], options={"verify_signature": False})
    assert said["exp"] - said["iat"] == 300
    assert (answer["role"], answer["agent_id"]) == ("agent", "crm-7")
    assert claims.session is not None
    assert claims.session not in person.session, "what a token tells lets nobody in"


def test_a_token_is_given_where_there_is_a_grant_and_nowhere_else(people: People, name: str) -> None:
    person = people.settle(name, location="austin")
    for location in ("boston", None):
        refused = people.ask("sessions/token", session=person.session, location=location)
        assert refused.status_code == 403
        assert "no grant" in refused.json()["error"]["detail"]


def test_a_grant_of_every_office_holds_where_there_is_no_other(people: People, name: str) -> None:
    person = people.settle(name, "viewer")
    more = [{"role": "viewer"}, {"role": "manager", "location": "austin"}]
    assert people.administer(f"users/{name}/grants", "PUT", grants=more).status_code == 200
    person = person.again()
    roles = {
        location: people.ask("sessions/token", session=person.session, location=location).json()["role"]
        for location in ("austin", "boston", None)
    }
    assert roles == {"austin": "manager", "boston": "viewer", None: "viewer"}


@pytest.mark.parametrize("wrong", ["an unknown name", "another password", "disabled", "no password yet", "other login"])
def test_who_may_not_come_in_is_told_the_same_whatever_is_wrong(people: People, name: str, wrong: str) -> None:
    if wrong == "no password yet":
        people.add(name)
    elif wrong == "other login":
        people.add(name, login="other")
    elif wrong != "an unknown name":
        people.settle(name)
    if wrong == "disabled":
        people.administer(f"users/{name}/disable")
    answer = people.log_in(name, "another password" if wrong == "another password" else PASSWORD)
    assert (answer.status_code, answer.json()["error"]) == (
        401,
        {"code": "login_refused", "detail": "this name and this password do not let you in"},
    )


def vouch(people: People, name: str, subject: str = "s-1", issuer: str = "https://id.example", **said: Any) -> Any:
    return people.ask("sessions", name=name, provider="oidc", issuer=issuer, subject=subject, **said)


def test_whom_a_provider_vouches_for_comes_in_by_that_alone(tmp_path: Path) -> None:
    with Served(tmp_path, JORGE_LOGIN="oidc") as served:
        people = People(served)
        assert vouch(people, "ann").status_code == 401
        assert people.add("ann", "viewer", login="other")["invitation"] is None
        ends = datetime.now(UTC) + timedelta(hours=1)
        answer = vouch(people, "Ann", ends_at=ends.isoformat())
        assert answer.status_code == 201
        assert datetime.fromisoformat(answer.json()["ends_at"]) == ends
        people.settle("bob", "viewer")
        assert vouch(people, "bob", "s-2").status_code == 401, "he has a password here"
        refused = people.ask("sessions", name="ann", provider="proxy")
        assert (refused.status_code, "JORGE_LOGIN" in refused.text) == (403, True)


def test_an_account_of_a_provider_is_one_users_and_his_only_one(tmp_path: Path) -> None:
    with Served(tmp_path, JORGE_LOGIN="oidc") as served:
        people = People(served)
        for name in ("ann", "bob"):
            people.add(name, "viewer", login="other")
        session = vouch(people, "ann").json()["session"]
        assert vouch(people, "bob").json()["user"] == "ann", "the account has another name now"
        later, first = served.get("/api/audit", limit=2, act="session.begin")["entries"]
        assert (first["after"], later["after"]) == ({"login": "oidc", "account": "new"}, {"login": "oidc"})
        assert vouch(people, "nobody").json()["user"] == "ann"
        assert vouch(people, "ann", "s-2").status_code == 401
        assert vouch(people, "ann", issuer="https://other.example").status_code == 401
        listed = {user["name"]: (user["issuer"], user["subject"]) for user in served.get("/api/users")["users"]}
        assert listed == {"ann": ("https://id.example", "s-1"), "bob": (None, None)}
        with ThreadPoolExecutor(4) as pool:
            at_once = pool.map(lambda number: vouch(people, "bob", f"s-{number}"), range(10, 14))
        assert sorted(answer.status_code for answer in at_once) == [201, 401, 401, 401]
        assert people.administer("users/ann/reset").json()["invitation"] is None
        assert people.ask("sessions/current", session=session).status_code == 401
        assert vouch(people, "ann", "s-2").status_code == 201
        assert vouch(people, "ann").status_code == 401
        people.administer("users/ann/disable")
        assert vouch(people, "bob", "s-2").status_code == 401, "nor as somebody else"
        assert people.administer("users/ann/reset").status_code == 409


@pytest.mark.parametrize(
    "said",
    [
        {"provider": "oidc"},
        {"provider": "oidc", "issuer": "https://id.example"},
        {"provider": "oidc", "issuer": "https://id.example", "subject": ""},
        {"provider": "proxy", "issuer": "https://id.example", "subject": "s-1"},
        {"password": PASSWORD, "issuer": "https://id.example", "subject": "s-1"},
    ],
)
def test_a_provider_says_of_which_account_it_speaks_and_nobody_else_does(people: People, said: dict[str, str]) -> None:
    answer = people.ask("sessions", name="ann", **said)
    assert (answer.status_code, "subject" in answer.text) == (422, True), answer.text


def disable(person: Person) -> None:
    assert person.people.administer(f"users/{person.name}/disable").status_code == 200


def change_grants(person: Person) -> None:
    grants = [{"location": "austin", "role": "viewer"}]
    assert person.people.administer(f"users/{person.name}/grants", "PUT", grants=grants).status_code == 200


def reset(person: Person) -> None:
    assert person.people.administer(f"users/{person.name}/reset").status_code == 200


def change_password(person: Person) -> None:
    other = person.again()
    new = "a new horse, incorrect"
    answer = person.people.ask("sessions/password", session=other.session, old=PASSWORD, new=new)
    assert answer.status_code == 204, answer.text
    assert other.is_in(), "who changes his password stays in"


def log_out(person: Person) -> None:
    assert person.people.ask("sessions/end", session=person.session).status_code == 204


def log_out_everywhere(person: Person) -> None:
    other = person.again()
    assert person.people.ask("sessions/end", session=other.session, everywhere=True).status_code == 204


ENDS: list[Callable[[Person], None]] = [
    disable,
    change_grants,
    reset,
    change_password,
    log_out,
    log_out_everywhere,
]


@pytest.mark.parametrize("end", ENDS, ids=lambda end: end.__name__)
def test_what_ends_a_session_ends_all_that_lives_by_it_within_five_seconds(
    people: People, name: str, end: Callable[[Person], None], stack: ExitStack, open_client: OpenClient
) -> None:
    """HTTP, a live socket, an idle stream of server-sent events and Socket.IO; and somebody else's go on."""
    served = people.served
    person, another = people.settle(name, location="austin"), people.settle(f"{name}.2", location="austin")
    headers = person.headers("austin")
    assert served.session.get(f"{served.url}/events", headers=headers, timeout=10).status_code == 200
    socket, staying = (served.connect(stack, additional_headers=each.headers("austin")) for each in (person, another))
    for client in (socket, staying):
        assert subscribe(client, "austin")["type"] == "subscribed"
    stream = read_on(stack, served, headers)
    polling = open_client(served.url)
    polling.connect(token=person.token("austin"), location="austin")
    polling.until("subscribed")
    end(person)
    assert close_of(socket, WITHIN_S) == (4401, "the session of this token has ended")
    assert b"subscribed" in stream.result(WITHIN_S), "nothing was sent on it, nor a heartbeat"
    wait_until(lambda: not polling.poll())
    refused = served.session.get(f"{served.url}/events", headers=headers, timeout=10)
    assert (refused.status_code, refused.json()["error"]["code"]) == (401, "session_ended")
    assert not person.is_in()
    asked = [{"id": person.session}, {"id": another.session}]
    assert people.ask("sessions/used", sessions=asked).json() == {"ended": [person.session]}
    assert another.is_in()
    assert subscribe(staying, "austin")["type"] == "subscribed"


def test_a_password_that_was_replaced_lets_nobody_in(people: People, name: str) -> None:
    person = people.settle(name)
    answer = people.ask("sessions/password", session=person.session, old="not the old one", new="a new one entirely")
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "login_refused")
    change_password(person)
    assert people.log_in(name).status_code == 401
    assert people.log_in(name, "a new horse, incorrect").status_code == 201


def test_a_password_of_older_costs_lets_in_and_is_kept_under_those_of_now(tmp_path: Path) -> None:
    cheap = PasswordHasher(time_cost=1, memory_cost=1024).hash(PASSWORD)
    with Served(tmp_path) as served:
        people = People(served)
        people.settle("ann", "viewer")
        served.stop()
        with closing(sqlite3.connect(tmp_path / "events.db")) as database, database:
            database.execute("UPDATE users SET password = ?", (cheap,))
        served.start()
        assert [people.log_in("ann").status_code for _ in range(2)] == [201, 201]
        with closing(sqlite3.connect(f"file:{tmp_path / 'events.db'}?mode=ro", uri=True)) as database:
            ((kept,),) = database.execute("SELECT password FROM users").fetchall()
        assert kept.startswith("$argon2id$v=19$m=65536,t=3,p=4$")


def test_a_password_that_was_forgotten_while_it_was_verified_does_not_come_back(tmp_path: Path) -> None:
    with closing(SQLiteStore(tmp_path / "events.db")) as store:
        now = datetime.now(UTC)
        act = AuditedAction(now, "admin", "user.add", "ann")
        ann = StoredUser(0, "ann", "Ann", "password", "an old hash", now, None, ())
        user = store.users.add(ann, None, act).result(10)
        assert user is not None
        store.users.reset(user.id, StoredInvitation("a link", user.id, now + timedelta(days=1)), act).result(10)
        assert not store.users.rehash(user.id, "an old hash", "a newer hash").result(10)
        found = store.users.get(user.id)
        assert found is not None
        assert found.password is None


@pytest.mark.parametrize(
    ("password", "why"),
    [("short", "allowed are 12 to 256"), ("a" * 20, "different characters"), ("my.<name>.horse", "contains the name")],
)
def test_a_password_that_is_easily_guessed_is_refused_without_repeating_it(
    people: People, name: str, password: str, why: str
) -> None:
    password = password.replace("<name>", name)
    link = people.add(name)["invitation"]
    answer = people.ask("invitations/use", invitation=link, password=password)
    assert answer.status_code == 422
    assert why in answer.json()["error"]["detail"]
    assert password not in answer.text
    assert people.ask("invitations/use", invitation=link, password=PASSWORD).status_code == 201, (
        "the link is good still"
    )


@pytest.mark.parametrize("body", [{"pasword": "of a horse"}, {"password": ["of a horse"]}, {"name": 7}, {}])
def test_a_request_that_is_wrong_is_refused_without_repeating_it(people: People, body: dict[str, Any]) -> None:
    body = {"name": "ann", "password": "of a horse"} | body
    answer = people.ask("sessions", **body)
    assert answer.status_code in (401, 422)
    assert "of a horse" not in answer.text


@pytest.mark.parametrize("session", ["none", "a.b", ".", "é.é", "x" * 256])
def test_what_is_no_session_is_one_that_has_ended(people: People, session: str) -> None:
    for path in ("current", "token"):
        answer = people.ask(f"sessions/{path}", session=session)
        assert (answer.status_code, answer.json()["error"]["code"]) == (401, "session_ended")
    assert people.ask("sessions/used", sessions=[{"id": session}]).json() == {"ended": [session]}


def test_a_session_that_was_signed_by_nobody_of_us_is_none(people: People, name: str) -> None:
    secret, _, signature = people.settle(name).session.partition(".")
    for forged in (secret, f"{secret}.", f"{secret}.{signature[::-1]}"):
        assert people.ask("sessions/current", session=forged).status_code == 401


def test_the_store_has_nothing_by_which_one_could_come_in(people: People, name: str) -> None:
    person = people.settle(name)
    stored = b"".join(path.read_bytes() for path in people.served.folder.glob("events.db*"))
    secret, _, signature = person.session.partition(".")
    for each in (secret, signature, PASSWORD):
        assert each.encode() not in stored
    assert b"$argon2id$v=19$m=65536,t=3,p=4$" in stored
    assert PASSWORD not in people.served.log
    assert secret not in people.served.log


def test_a_session_outlives_a_restart_and_its_end_does_too(tmp_path: Path) -> None:
    with Served(tmp_path) as served:
        people = People(served)
        staying, leaving = people.settle("ann"), people.settle("bob", location="austin")
        token = leaving.token("austin")
        log_out(leaving)
        served.stop()
        served.start()
        assert staying.is_in()
        assert not leaving.is_in()
        headers = {"Authorization": f"Bearer {token}"}
        assert served.session.get(f"{served.url}/events", headers=headers, timeout=10).status_code == 401


def test_a_session_that_is_not_used_ends_and_one_that_is_goes_on_to_its_limit(tmp_path: Path) -> None:
    with Served(tmp_path, JORGE_SESSION_IDLE_HOURS="0.002", JORGE_SESSION_HOURS="0.006") as served:  # 7.2 s, 21.6 s
        people = People(served)
        idle, used = people.settle("ann"), people.settle("bob")

        def seen() -> list[str]:
            asked = [{"id": idle.session}, {"id": used.session, "used": True}]
            ended: list[str] = people.ask("sessions/used", sessions=asked).json()["ended"]
            return ended

        wait_until(lambda: seen() == [idle.session])
        wait_until(lambda: seen() == [idle.session, used.session], 60)

        def all_ended() -> bool:
            with closing(sqlite3.connect(f"file:{tmp_path / 'events.db'}?mode=ro", uri=True)) as database:
                return not database.execute("SELECT * FROM sessions WHERE ended_at IS NULL").fetchall()

        wait_until(all_ended)


def test_logins_are_in_the_audit_log_with_who_and_from_where(people: People, name: str) -> None:
    people.settle(name)
    people.log_in(name, address="203.0.113.9")
    people.log_in(name, "another password", address="203.0.113.9")
    people.log_in("nobody I know", address="203.0.113.9")
    entries = people.served.get("/api/audit", limit=3)["entries"]
    assert [(each["by"], each["act"]) for each in reversed(entries)] == [
        (name, "session.begin"),
        (name, "session.refuse"),
        ("an unknown name", "session.refuse"),
    ]
    assert {each["address"] for each in entries} == {"203.0.113.9"}
    assert "nobody I know" not in json.dumps(entries), "people type their password there"
