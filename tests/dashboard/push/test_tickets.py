from jorge_data.dashboard.push.tickets import KEY_LIFE_S, LIFE_S, MOST, Holder, Tickets

JORGE = Holder("jorge", "admin", None)


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_ticket_lets_its_holder_in_once() -> None:
    tickets = Tickets(Clock())
    ticket = tickets.issue(JORGE)
    assert tickets.redeem(ticket) == JORGE
    assert tickets.redeem(ticket) is None


def test_a_ticket_ends_after_thirty_seconds() -> None:
    clock = Clock()
    tickets = Tickets(clock)
    ticket = tickets.issue(JORGE)
    clock.now = LIFE_S
    assert tickets.redeem(ticket) is None


def test_a_ticket_nobody_issued_opens_nothing() -> None:
    assert Tickets(Clock()).redeem("made-up") is None


def test_the_key_of_a_page_names_its_holder_as_often_as_it_is_shown() -> None:
    tickets = Tickets(Clock())
    key = tickets.key(JORGE)
    assert [tickets.holder_of(key), tickets.holder_of(key)] == [JORGE, JORGE]


def test_a_key_ends_after_a_week() -> None:
    clock = Clock()
    tickets = Tickets(clock)
    key = tickets.key(JORGE)
    clock.now += KEY_LIFE_S
    assert tickets.holder_of(key) is None


def test_a_key_of_an_earlier_process_or_a_changed_one_is_nobodys() -> None:
    tickets = Tickets(Clock())
    content, _, signature = tickets.key(JORGE).partition(".")
    other = Tickets(Clock()).key(JORGE)
    changed = content.replace(b"jorge".hex(), b"admin".hex())
    wrong: list[object] = [other, f"{changed}.{signature}", content, f"zz.{signature}", ".", "", None, 7, "é.é"]
    assert [tickets.holder_of(key) for key in wrong] == [None] * len(wrong)


def test_the_oldest_ticket_goes_when_there_are_too_many() -> None:
    tickets = Tickets(Clock())
    first, *_, last = [tickets.issue(JORGE) for _ in range(MOST + 1)]
    assert tickets.redeem(first) is None
    assert tickets.redeem(last) == JORGE
