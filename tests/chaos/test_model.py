"""The model of `make chaos` sees what it is there for: each way to lose, repeat or disorder an event is found."""

from dataclasses import replace

import pytest

from bench.chaos.model import Log, Verdict, judge
from bench.chaos.publishers import ByHTTP, ChaosPublisher, Place
from bench.chaos.readers import Delivered, OnSocket, Reader, Stretch
from jorge_data.events import Cursor

PLACE = Place("office", 1, 1, "token")
EPOCH = "e1"
IDS = ["a", "b", "c", "d"]


def a_log(ids: list[str] = IDS, epoch: str = EPOCH, oldest: int = 1) -> Log:
    events = [{"id": name, "source": "s", "epoch": epoch, "seq": oldest + n} for n, name in enumerate(ids)]
    return Log(epoch, oldest, oldest + len(ids) - 1, events)


def a_publisher(ids: list[str] = IDS, epoch: str = EPOCH) -> ChaosPublisher:
    publisher = ByHTTP(PLACE, "s")
    for number, name in enumerate(ids):
        publisher.sent[name] = 0.0
        publisher.acked.add({"id": name, "epoch": epoch, "seq": number + 1})
    return publisher


def a_reader(*given: tuple[int, str], epoch: str = EPOCH, start: Cursor | None = None) -> Reader:
    reader = OnSocket(PLACE, "r")
    reader.stretches = [Stretch(start or Cursor("", 0), [Delivered(epoch, seq, name, 0.0) for seq, name in given])]
    return reader


ALL = tuple(enumerate(IDS, 1))


def counts(verdict: Verdict) -> tuple[int, int, int]:
    return verdict.lost, verdict.repeated, verdict.disordered


def test_what_is_as_it_must_be_holds() -> None:
    verdict = judge(a_log(), [a_publisher()], [], [a_reader(*ALL)])
    assert (verdict.published, verdict.acknowledged, verdict.holds) == (4, 4, True)


def test_an_acknowledged_event_that_is_not_in_the_log_is_lost() -> None:
    log = a_log(IDS[:3])
    assert counts(judge(log, [a_publisher()], [], [])) == (1, 0, 0)


def test_an_event_at_another_position_than_was_said_is_lost_and_out_of_order() -> None:
    log = a_log(["a", "c", "b", "d"])
    assert counts(judge(log, [a_publisher()], [], [])) == (2, 0, 1)


def test_an_event_that_is_twice_in_the_log_is_repeated() -> None:
    assert judge(a_log(["a", "b", "b"]), [], [], []).repeated == 1


def test_a_log_with_a_hole_is_out_of_order() -> None:
    log = a_log()
    assert not judge(replace(log, events=[log.events[0], *log.events[2:]]), [], [], []).holds


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (((1, "a"), (3, "c"), (4, "d")), (1, 0, 0)),
        (((1, "a"), (2, "b"), (2, "b"), (3, "c"), (4, "d")), (0, 1, 0)),
        (((1, "a"), (2, "x"), (3, "c"), (4, "d")), (0, 0, 1)),
        (((1, "a"), (2, "b"), (3, "c")), (1, 0, 0)),
        ((), (4, 0, 0)),
    ],
    ids=["left out", "given twice", "another event", "not to the end", "nothing at all"],
)
def test_what_a_reader_was_given_wrong_is_counted(
    given: tuple[tuple[int, str], ...], expected: tuple[int, int, int]
) -> None:
    assert counts(judge(a_log(), [], [], [a_reader(*given)])) == expected


def test_a_reader_that_has_left_is_judged_as_far_as_it_came() -> None:
    assert judge(a_log(), [], [], [], [a_reader(*ALL[:2])]).holds
    assert not judge(a_log(), [], [], [], [a_reader(ALL[1])]).holds


def test_a_reader_may_begin_anew_only_where_a_fault_allows_it() -> None:
    reader = a_reader(*ALL)
    reader.restarts = 1
    assert judge(a_log(), [], [], [reader], restarts=1).holds
    assert not judge(a_log(), [], [], [reader]).holds


def test_the_silent_skip_after_a_restored_backup_is_found() -> None:
    """A reader at 3 of the old log resumes in a log that has other events up to 3: it never gets these."""
    log = a_log(["a", "x", "y", "z"])
    reader = a_reader((1, "a"), (2, "b"), (3, "c"), (4, "z"))
    assert counts(judge(log, [], [], [reader])) == (0, 0, 2)


def test_what_a_backup_cannot_hold_is_not_lost() -> None:
    log = a_log(["a", "b"], "e2")
    assert judge(log, [a_publisher()], [], []).lost == 2
    assert judge(log, [a_publisher()], [], [], forgiven=frozenset({"c", "d"})).holds


def test_what_retention_has_removed_is_not_lost() -> None:
    log = a_log(["c", "d"], oldest=3)
    assert judge(log, [a_publisher()], [], []).holds
