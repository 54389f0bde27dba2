"""Guessing is slowed by name and by address, told, and answered alike whatever it is that is guessed."""

from collections.abc import Callable
from pathlib import Path

import pytest

from jorge_data.errors import TooMany
from jorge_data.server.users.login_limits import A_NAME, A_NAME_EVERY_S, AN_ADDRESS, AN_ADDRESS_EVERY_S, LoginLimits
from jorge_data.server.users.passwords import Passwords
from tests.served import Served
from tests.server.users.people import People


class Clock:
    """A clock that stands until it is moved."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def refused(take: Callable[[], object]) -> TooMany:
    with pytest.raises(TooMany) as raised:
        take()
    return raised.value


def test_a_name_that_is_guessed_is_held_back_with_how_long_known_or_not(tmp_path: Path) -> None:
    with Served(tmp_path) as served:
        people = People(served)
        people.settle("ann", "viewer")
        people.settle("bob", "viewer")
        answers = {}
        for number, name in enumerate(("ann", "nobody")):
            for attempt in range(A_NAME):
                answer = people.log_in(name, f"wrong password {attempt}", f"198.51.{number}.{attempt}")
                assert answer.status_code == 401
            answers[name] = people.log_in(name, address="203.0.113.1")  # Ann's own password: it is not looked at
        details = {
            name: answer.json()["error"]["detail"].partition(": try again in ")[0] for name, answer in answers.items()
        }
        assert set(details.values()) == {"too many attempts to log in"}
        for answer in answers.values():
            assert answer.status_code == 429
            assert 0 < int(answer.headers["Retry-After"]) <= A_NAME_EVERY_S
        assert people.log_in("bob", address="203.0.113.1").status_code == 201
        (limited,) = (each for each in served.get("/api/audit")["entries"] if each["act"] == "session.limit")
        assert "held back" in limited["what"]
        assert "were held back" in served.log


def test_an_address_is_held_back_whatever_names_it_tries(clock: Clock) -> None:
    limits = LoginLimits(clock)
    for number in range(AN_ADDRESS):
        limits.take(f"name-{number}", "203.0.113.1", False)
    why = refused(lambda: limits.take("another", "203.0.113.1", False))
    assert why.retry_after_s == AN_ADDRESS_EVERY_S
    limits.take("another", "203.0.113.2", False)
    clock.now += AN_ADDRESS_EVERY_S
    limits.take("another", "203.0.113.1", False)


@pytest.mark.parametrize(
    ("one", "another"),
    [("2001:db8::1", "2001:db8::ffff:2"), ("203.0.113.1", "::ffff:203.0.113.1"), (None, "no address")],
)
def test_what_a_client_changes_at_will_is_one_address(clock: Clock, one: str | None, another: str) -> None:
    limits = LoginLimits(clock)
    for _ in range(AN_ADDRESS):
        limits.take(None, one, False)
    refused(lambda: limits.take(None, another, False))
    limits.take(None, "2001:db8:0:1::1", False)


def test_who_comes_in_is_not_counted(clock: Clock) -> None:
    limits = LoginLimits(clock)
    for _ in range(10 * A_NAME):
        limits.take("ann", "203.0.113.1", True)()
    limits.take("ann", "203.0.113.1", True)


def test_names_that_are_made_up_do_not_have_a_users_forgotten(clock: Clock) -> None:
    limits = LoginLimits(clock)
    for number in range(A_NAME):
        limits.take("ann", f"203.0.113.{number}", True)
    for number in range(11_000):
        limits.take(f"name-{number}", f"10.{number >> 8}.{number & 255}.1", False)
    refused(lambda: limits.take("ann", "198.51.100.1", True))


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
