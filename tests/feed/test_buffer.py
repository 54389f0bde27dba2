from jorge_data.events import Cursor, Event, from_json
from jorge_data.feed import Buffer
from tests.feed.office import served


def events(first: int, last: int, epoch: str = "e1") -> list[Event]:
    return [from_json(served(seq, epoch)) for seq in range(first, last + 1)]


def seqs(found: list[Event]) -> list[int]:
    return [event.seq for event in found]


def test_it_keeps_the_last_events() -> None:
    buffer = Buffer(5)
    for first in (1, 4, 7):
        buffer.append(events(first, first + 2))
    assert seqs(buffer.after(None)) == [5, 6, 7, 8, 9]
    assert (len(buffer), buffer.fill) == (5, 1.0)


def test_it_returns_what_came_after_a_cursor() -> None:
    buffer = Buffer(5)
    buffer.append(events(1, 5))
    assert seqs(buffer.after(Cursor("e1", 3))) == [4, 5]
    assert buffer.after(Cursor("e1", 5)) == []
    assert seqs(buffer.after(Cursor("e0", 99))) == [1, 2, 3, 4, 5]


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
    assert seqs(buffer.after(None)) == [1, 2]
    assert buffer.fill == 0.4
