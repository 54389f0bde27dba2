"""Guessing is slowed by name and by address, told, and answered alike whatever it is that is guessed."""

from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from jorge_data.errors import LoginRefused, TooMany, Unavailable
from jorge_data.server.auth.authenticator import Authenticator
from jorge_data.server.auth.revocations import Revocations
from jorge_data.server.auth.tokens import Tokens
from jorge_data.server.users import passwords
from jorge_data.server.users.login_limits import (
    A_NAME,
    A_NAME_EVERY_S,
    A_NAME_FROM_ONE,
    AN_ADDRESS,
    AN_ADDRESS_EVERY_S,
    LoginLimits,
)
from jorge_data.server.users.passwords import Passwords
from jorge_data.server.users.sessions import LoginPolicy, SessionService
from jorge_data.store import SQLiteStore, StoredUser, Users
from jorge_data.store.sql.users import SQLUsers
from tests.clock import Clock
from tests.served import Served
from tests.server.users.people import PASSWORD, People


@pytest.fixture
def clock() -> Clock:
    return Clock()


def refused(take: Callable[[], object]) -> TooMany:
    with pytest.raises(TooMany) as raised:
        take()
    return raised.value


def fail(limits: LoginLimits, address: str | None, name: str, is_user: bool = True) -> None:
    """Try to log in as somebody, and fail."""
    limits.begin(address).name(name, is_user)


def test_a_name_that_is_guessed_is_held_back_with_how_long_known_or_not(tmp_path: Path) -> None:
    """From where it was guessed, that is: whoever is called so comes in from elsewhere."""
    with Served(tmp_path) as served:
        people = People(served)
        people.settle("ann", "viewer")
        people.settle("bob", "viewer")
        answers = {}
        for number, name in enumerate(("ann", "nobody")):
            for attempt in range(A_NAME_FROM_ONE):
                answer = people.log_in(name, f"wrong password {attempt}", f"198.51.100.{number}")
                assert answer.status_code == 401
            answers[name] = people.log_in(name, address=f"198.51.100.{number}")  # Ann's own: it is not looked at
        details = {
            name: answer.json()["error"]["detail"].partition(": try again in ")[0] for name, answer in answers.items()
        }
        assert set(details.values()) == {"too many attempts to log in"}
        for answer in answers.values():
            assert answer.status_code == 429
            assert 0 < int(answer.headers["Retry-After"]) <= A_NAME_EVERY_S
        assert people.log_in("ann", address="203.0.113.1").status_code == 201
        assert people.log_in("bob", address="198.51.100.0").status_code == 201
        (limited,) = (each for each in served.get("/api/audit")["entries"] if each["act"] == "session.limit")
        assert "held back" in limited["what"]
        assert "were held back" in served.log


def test_whoever_changes_his_password_is_held_back_by_his_own_failures_alone(tmp_path: Path) -> None:
    with Served(tmp_path) as served:
        people = People(served)
        people.settle("ann", "viewer")
        people.settle("bob", "viewer")
        sessions = {
            name: people.log_in(name, address=f"198.51.100.{number}").json()["session"]
            for number, name in enumerate(("ann", "bob"))
        }

        def change(name: str, old: str) -> int:
            new = "a new horse, incorrect"
            return people.ask("sessions/password", session=sessions[name], old=old, new=new).status_code

        guesses = [change("ann", f"wrong password {attempt}") for attempt in range(A_NAME_FROM_ONE + 1)]
        assert guesses == [401] * A_NAME_FROM_ONE + [429]
        assert change("bob", PASSWORD) == 204


def session_service(store: SQLiteStore, users: Users) -> SessionService:
    authenticator = Authenticator(Tokens("a secret of this test"), False, True, frozenset(), Revocations())
    policy = LoginPolicy(timedelta(hours=1), timedelta(hours=1))
    return SessionService(users, store.audit, authenticator, Passwords(), policy)


@pytest.mark.anyio
async def test_a_password_that_nobody_could_look_at_is_no_attempt(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passwords, "WAITING", 0)
    with closing(SQLiteStore(tmp_path / "events.db")) as store:
        sessions = session_service(store, store.users)
        for _ in range(AN_ADDRESS + 1):
            with pytest.raises(Unavailable):
                await sessions.begin_with_password("ann", PASSWORD, "203.0.113.1")


@pytest.mark.anyio
async def test_an_address_that_is_held_back_has_nothing_looked_up(tmp_path: Path) -> None:
    """Else its attempts would be free for it, and would cost everybody the threads that read the store."""
    with closing(SQLiteStore(tmp_path / "events.db")) as store:
        asked = list[str]()

        class Asked(SQLUsers):
            def named(self, name: str) -> StoredUser | None:
                asked.append(name)
                return super().named(name)

        sessions = session_service(store, Asked(store.users._writer, store.users._read))
        for _ in range(AN_ADDRESS):
            sessions.login_limits.begin("203.0.113.1")
        with pytest.raises(TooMany):
            await sessions.begin_with_password("ann", PASSWORD, "203.0.113.1")
        assert asked == []
        with pytest.raises(LoginRefused):
            await sessions.begin_with_password("ann", PASSWORD, "203.0.113.2")
        assert asked == ["ann"]
        sessions.passwords.close()


@pytest.mark.parametrize("is_user", [True, False])
def test_no_address_keeps_out_whoever_is_called_so_however_long_it_tries(clock: Clock, is_user: bool) -> None:
    limits = LoginLimits(clock)
    looked_at = 0
    for _ in range(24 * 3600):
        clock.now += 1
        try:
            fail(limits, "203.0.113.1", "ann", is_user)
            looked_at += 1
        except TooMany:
            pass
    assert looked_at <= A_NAME_FROM_ONE + 24 * 3600 / A_NAME_EVERY_S
    for _ in range(A_NAME_FROM_ONE):
        fail(limits, "203.0.113.2", "ann", is_user)


@pytest.mark.parametrize("is_user", [True, False])
def test_a_name_is_guessed_slowly_from_however_many_addresses(clock: Clock, is_user: bool) -> None:
    limits = LoginLimits(clock)
    for number in range(A_NAME):
        fail(limits, f"10.0.{number >> 8}.{number & 255}", "ann", is_user)
    assert refused(lambda: fail(limits, "10.1.0.0", "ann", is_user)).retry_after_s == A_NAME_EVERY_S
    fail(limits, "10.1.0.0", "bob", is_user)
    clock.now += A_NAME_EVERY_S
    fail(limits, "10.1.0.1", "ann", is_user)
    refused(lambda: fail(limits, "10.1.0.2", "ann", is_user))


def test_where_somebody_has_logged_in_strangers_keep_nobody_out_whatever_he_is_called(clock: Clock) -> None:
    """Not the user's own addresses: by those one could tell a known name from another."""
    limits = LoginLimits(clock)
    limits.note_login("198.51.100.1")
    for number in range(A_NAME):
        for name, is_user in (("ann", True), ("nobody", False)):
            fail(limits, f"10.0.0.{number}", name, is_user)
    for name, is_user in (("ann", True), ("nobody", False)):
        for _ in range(A_NAME_FROM_ONE):
            fail(limits, "198.51.100.1", name, is_user)
        refused(lambda name=name, is_user=is_user: fail(limits, "198.51.100.1", name, is_user))  # type: ignore[misc]
    limits.note_login(None)
    refused(lambda: fail(limits, None, "ann"))


def test_an_address_pays_for_what_is_refused_to_it_by_a_name(clock: Clock) -> None:
    limits = LoginLimits(clock)
    for _ in range(A_NAME_FROM_ONE):
        fail(limits, "203.0.113.1", "ann")
    for _ in range(AN_ADDRESS - A_NAME_FROM_ONE):
        assert refused(lambda: fail(limits, "203.0.113.1", "ann")).retry_after_s == A_NAME_EVERY_S
    assert refused(lambda: fail(limits, "203.0.113.1", "bob")).retry_after_s == AN_ADDRESS_EVERY_S


def test_an_address_is_held_back_whatever_names_it_tries(clock: Clock) -> None:
    limits = LoginLimits(clock)
    for number in range(AN_ADDRESS):
        fail(limits, "203.0.113.1", f"name-{number}", False)
    why = refused(lambda: fail(limits, "203.0.113.1", "another", False))
    assert why.retry_after_s == AN_ADDRESS_EVERY_S
    fail(limits, "203.0.113.2", "another", False)
    clock.now += AN_ADDRESS_EVERY_S
    fail(limits, "203.0.113.1", "another", False)


@pytest.mark.parametrize(
    ("one", "another"),
    [("2001:db8::1", "2001:db8::ffff:2"), ("203.0.113.1", "::ffff:203.0.113.1"), (None, "no address")],
)
def test_what_a_client_changes_at_will_is_one_address(clock: Clock, one: str | None, another: str) -> None:
    limits = LoginLimits(clock)
    for _ in range(AN_ADDRESS):
        limits.begin(one)
    refused(lambda: limits.begin(another))
    limits.begin("2001:db8:0:1::1")


def test_who_comes_in_is_not_counted(clock: Clock) -> None:
    limits = LoginLimits(clock)
    for _ in range(10 * A_NAME):
        attempt = limits.begin("203.0.113.1")
        attempt.name("ann", True)
        attempt.succeed()
    fail(limits, "203.0.113.1", "ann")


def test_names_that_are_made_up_do_not_have_a_users_forgotten(clock: Clock) -> None:
    limits = LoginLimits(clock)
    for number in range(A_NAME):
        fail(limits, f"203.0.113.{number}", "ann")
    for number in range(11_000):
        fail(limits, f"10.{number >> 8}.{number & 255}.1", f"name-{number}", False)
    refused(lambda: fail(limits, "198.51.100.1", "ann"))


@pytest.mark.anyio
async def test_a_name_without_a_password_costs_as_much_as_any_other() -> None:
    passwords = Passwords()
    hashed = await passwords.hash("of a horse, correct")
    assert not await passwords.matches(None, "of a horse, correct")
    assert passwords._nobodys is not None
    costs = [each.rpartition("$")[0].rpartition("$")[0] for each in (hashed, passwords._nobodys)]
    assert costs[0] == costs[1] == "$argon2id$v=19$m=65536,t=3,p=4"
    assert await passwords.matches(hashed, "of a horse, correct")
    passwords.close()
