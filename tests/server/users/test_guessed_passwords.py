"""Somebody guesses a password: told to admins with whose, how often and from where, for as long as it goes on."""

from datetime import UTC, datetime
from pathlib import Path

from jorge_data.server.users.guessed_passwords import GuessedPassword, guessed
from jorge_data.server.users.login_limits import A_NAME_FROM_ONE, AN_ADDRESS
from jorge_data.server.users.names import NOBODY, UNKNOWN
from jorge_data.store import ActName, AuditedAction, AuditEntry
from tests.faketime import clock_off_by
from tests.served import Served
from tests.server.users.people import People

NOW = datetime(2026, 12, 1, 9, tzinfo=UTC)


def refused(by: str, address: str, times: int = 1, act: ActName = "session.refuse") -> list[AuditEntry]:
    after = None if act == "session.refuse" else {"times": times}
    count = times if after is None else 1
    return [AuditEntry(1, AuditedAction(NOW, by, act, by, address=address, after=after), "")] * count


def test_whoever_has_forgotten_his_password_is_no_guesser() -> None:
    assert guessed(refused("maria", "10.0.0.7", A_NAME_FROM_ONE - 1)) == []
    assert guessed(refused(UNKNOWN, "10.0.0.7", AN_ADDRESS - 1)) == []


def test_whom_a_provider_vouches_for_is_not_guessed_however_often_he_is_refused() -> None:
    act = AuditedAction(NOW, "dana", "session.refuse", "dana", address="10.0.0.7", after={"login": "proxy"})
    assert guessed([AuditEntry(1, act, "")] * 100) == []


def test_tries_that_were_held_back_are_counted_and_each_address_is_named_once() -> None:
    entries = [
        *refused("maria", "10.0.0.7", A_NAME_FROM_ONE),
        *refused("maria", "10.0.0.8"),
        *refused(NOBODY, "10.0.0.7", 14, "session.limit"),
        *refused("ben", "10.0.0.9"),
        *refused(UNKNOWN, "10.0.0.9", AN_ADDRESS),
    ]
    assert guessed(entries) == [
        GuessedPassword(None, AN_ADDRESS, ("10.0.0.9",), NOW),
        GuessedPassword("maria", A_NAME_FROM_ONE + 15, ("10.0.0.7", "10.0.0.8"), NOW),
    ]


def test_the_server_tells_of_it_and_ten_minutes_later_does_not(tmp_path: Path) -> None:
    with Served(tmp_path, JORGE_ANONYMOUS="off") as served:
        people = People(served)
        people.settle("maria", "viewer")
        for _ in range(A_NAME_FROM_ONE):
            assert people.log_in("maria", "another password", "10.0.0.7").status_code == 401
        (warning,) = served.get("/api/audit/warnings")["warnings"]
        assert (warning["name"], warning["tries"], warning["addresses"]) == ("maria", A_NAME_FROM_ONE, ["10.0.0.7"])
        assert warning["minutes"] == 10
        served.stop()
        served.environment |= clock_off_by("+11m")
        served.start()
        assert served.get("/api/audit/warnings")["warnings"] == []
