from dataclasses import replace

from jorge_data.dashboard.login.user import Grant
from jorge_data.dashboard.push.tickets import KEY_LIFE_S, LIFE_S, MOST, Holder, Tickets
from tests.clock import Clock
from tests.dashboard.people import person

JORGE = Holder(person("jorge", "admin"), None)
MARIA = person("maria", "admin")


def test_a_ticket_lets_its_holder_in_once() -> None:
    tickets = Tickets(Clock())
    ticket = tickets.issue(JORGE)
    assert tickets.redeem(ticket, JORGE.user) == JORGE
    assert tickets.redeem(ticket, JORGE.user) is None


def test_a_ticket_ends_after_thirty_seconds() -> None:
    clock = Clock()
    tickets = Tickets(clock)
    ticket = tickets.issue(JORGE)
    clock.now = LIFE_S
    assert tickets.redeem(ticket, JORGE.user) is None


def test_a_ticket_nobody_issued_opens_nothing() -> None:
    assert Tickets(Clock()).redeem("made-up", JORGE.user) is None


def test_the_key_of_a_page_names_its_holder_as_often_as_it_is_shown() -> None:
    tickets = Tickets(Clock())
    key = tickets.key(JORGE)
    assert [tickets.holder_of(key, JORGE.user), tickets.holder_of(key, JORGE.user)] == [JORGE, JORGE]


def test_a_key_ends_after_a_week() -> None:
    clock = Clock()
    tickets = Tickets(clock)
    key = tickets.key(JORGE)
    clock.now += KEY_LIFE_S
    assert tickets.holder_of(key, JORGE.user) is None


def test_a_key_of_an_earlier_process_or_a_changed_one_is_nobodys() -> None:
    tickets = Tickets(Clock())
    content, _, signature = tickets.key(JORGE).partition(".")
    other = Tickets(Clock()).key(JORGE)
    changed = f"{content[:-2]}00"
    wrong: list[object] = [other, f"{changed}.{signature}", content, f"zz.{signature}", ".", "", None, 7, "é.é"]
    assert [tickets.holder_of(key, JORGE.user) for key in wrong] == [None] * len(wrong)


def test_the_oldest_ticket_goes_when_there_are_too_many() -> None:
    tickets = Tickets(Clock())
    first, *_, last = [tickets.issue(JORGE) for _ in range(MOST + 1)]
    assert tickets.redeem(first, JORGE.user) is None
    assert tickets.redeem(last, JORGE.user) == JORGE


def test_what_is_anothers_or_of_another_login_of_the_same_user_admits_nobody() -> None:
    tickets, again = Tickets(Clock()), replace(JORGE.user, session="a-later-one")
    for user in (MARIA, again):
        assert tickets.redeem(tickets.issue(JORGE), user) is None
        assert tickets.holder_of(tickets.key(JORGE), user) is None


def test_what_its_holder_may_do_is_not_of_the_day_on_which_it_was_made() -> None:
    tickets, demoted = Tickets(Clock()), replace(JORGE.user, grants=(Grant(None, "viewer"),))
    for holder in (
        tickets.redeem(tickets.issue(JORGE), demoted),
        tickets.holder_of(tickets.key(JORGE), demoted),
    ):
        assert holder is not None
        assert holder.user.grants == (Grant(None, "viewer"),)


def test_a_key_holds_nothing_by_which_its_user_is_in() -> None:
    content, _, _ = Tickets(Clock()).key(JORGE).partition(".")
    assert JORGE.user.session is not None
    assert JORGE.user.session.encode() not in bytes.fromhex(content)
