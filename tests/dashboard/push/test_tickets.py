from jorge_data.dashboard.push.tickets import LIFE_S, MOST, Holder, Tickets

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


def test_a_drawn_ticket_opens_only_once_it_is_granted() -> None:
    tickets = Tickets(Clock())
    ticket = tickets.generate()
    assert tickets.redeem(ticket) is None
    tickets.activate(ticket, JORGE)
    assert tickets.redeem(ticket) == JORGE


def test_the_oldest_ticket_goes_when_there_are_too_many() -> None:
    tickets = Tickets(Clock())
    first, *_, last = [tickets.issue(JORGE) for _ in range(MOST + 1)]
    assert tickets.redeem(first) is None
    assert tickets.redeem(last) == JORGE
