"""The contract's other end: what is forgotten is gone for good, and what stays has no hole."""

from datetime import UTC, datetime, timedelta
from typing import Any

from jorge_data.events import Candidate, Cursor, Reception, admit
from jorge_data.store import Flush, Store, Watermark
from jorge_data.store.sql.delete_old import AT_ONCE
from tests.store.office import NOW, contents, keep


def at(identifier: str, time: datetime) -> Candidate:
    data: dict[str, Any] = {"bot_type": "jorge-seller", "status": "idle"}
    item = {"id": identifier, "source": "tests", "type": "bot_status_update", "time": time.isoformat(), "data": data}
    return admit(item, Reception(NOW))


def microseconds(moment: datetime) -> int:
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def test_the_first_event_since_a_moment_is_the_first_in_the_log_that_is_not_older(store: Store) -> None:
    ages = (9, 8, 2, 9, 1)
    store.append("a", [at(f"e{n}", NOW - timedelta(days=age)) for n, age in enumerate(ages)]).result(10)
    assert store.first_since("a", microseconds(NOW - timedelta(days=3))) == 3
    assert store.first_since("a", microseconds(NOW - timedelta(days=9))) == 1
    assert store.first_since("a", microseconds(NOW)) == 6
    assert store.first_since("nowhere", microseconds(NOW)) == 1


def test_what_is_forgotten_is_gone_and_the_rest_stays_where_it_was(store: Store) -> None:
    keep(store, "a", *"abcde")
    keep(store, "b", "x")
    epoch = store.bounds("a").epoch
    assert store.forget("a", epoch, 4).result(10) == 4
    assert contents(store, "a") == [(4, "d"), (5, "e")]
    assert (store.bounds("a").oldest, store.bounds("a").top) == (4, 5)
    assert keep(store, "a", "f")[0].cursor.seq == 6
    assert contents(store, "b") == [(1, "x")]


def test_no_more_is_forgotten_than_there_is_and_nothing_comes_back(store: Store) -> None:
    keep(store, "a", *"abc")
    epoch = store.bounds("a").epoch
    assert store.forget("a", epoch, 99).result(10) == 4
    assert store.forget("a", epoch, 2).result(10) == 4
    assert (store.bounds("a").oldest, store.bounds("a").top) == (4, 3)
    assert keep(store, "a", "d")[0].cursor.seq == 4


def test_a_log_of_another_life_is_left_alone(store: Store) -> None:
    keep(store, "a", *"abc")
    assert store.forget("a", "another", 3).result(10) == 3
    assert len(contents(store, "a")) == 3


def test_a_name_that_was_forgotten_is_new_again(store: Store) -> None:
    keep(store, "a", "e", "f")
    store.forget("a", store.bounds("a").epoch, 2).result(10)
    again = keep(store, "a", "e", "f")
    assert [(appended.cursor.seq, appended.duplicate) for appended in again] == [(3, False), (2, True)]


def test_no_more_is_forgotten_than_is_folded_at_that_moment(store: Store) -> None:
    epoch = keep(store, "a", *"abcde")[0].cursor.epoch
    assert store.forget("a", epoch, 4, folded=True).result(10) == 1
    assert store.flush("a", Flush(None, Watermark(Cursor(epoch, 2), "rules"))).result(10)
    assert store.forget("a", epoch, 4, folded=True).result(10) == 3
    assert store.clear("a", store_lost(store)).result(10)
    assert store.forget("a", epoch, 4, folded=True).result(10) == 3
    assert [seq for seq, _ in contents(store, "a")] == [3, 4, 5]


def store_lost(store: Store) -> int | None:
    with store.view("a") as view:
        return view.lost


def test_much_is_forgotten_in_parts_so_that_publishers_do_not_wait(store: Store) -> None:
    keep(store, "a", *(f"e{n}" for n in range(AT_ONCE + 10)))
    epoch = store.bounds("a").epoch
    assert store.forget("a", epoch, AT_ONCE + 5).result(10) == AT_ONCE + 1
    assert store.forget("a", epoch, AT_ONCE + 5).result(10) == AT_ONCE + 5
    assert [seq for seq, _ in contents(store, "a")] == list(range(AT_ONCE + 5, AT_ONCE + 11))
