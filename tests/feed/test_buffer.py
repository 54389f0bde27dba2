from jorge_data.events import Event, from_json
from jorge_data.feed import Buffer
from tests.feed.fake_server import served


def events(first: int, last: int, epoch: str = "e1") -> list[Event]:
    return [from_json(served(seq, epoch)) for seq in range(first, last + 1)]


def seqs(events: list[Event]) -> list[int]:
    return [event.seq for event in events]


def test_it_keeps_the_last_events() -> None:
    buffer = Buffer(5)
    for first in (1, 4, 7):
        buffer.append(events(first, first + 2))
    assert seqs(buffer.newest(9)) == [9, 8, 7, 6, 5]
    assert (len(buffer), buffer.fill) == (5, 1.0)


def test_what_is_delivered_again_is_held_once() -> None:
    buffer = Buffer(5)
    buffer.append(events(1, 3))
    buffer.append(events(2, 4))
    assert seqs(buffer.newest(9)) == [4, 3, 2, 1]


def test_it_returns_the_newest_first() -> None:
    buffer = Buffer(5)
    buffer.append(events(1, 4))
    assert seqs(buffer.newest(2)) == [4, 3]
    assert seqs(buffer.newest(9)) == [4, 3, 2, 1]
    assert buffer.newest(0) == []


def test_a_new_epoch_drops_the_old() -> None:
    buffer = Buffer(5)
    buffer.append(events(1, 4))
    buffer.append(events(1, 2, "e2"))
    assert seqs(buffer.newest(9)) == [2, 1]
    assert buffer.fill == 0.4
