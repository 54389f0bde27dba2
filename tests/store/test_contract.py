"""What every store promises."""

import threading
from concurrent.futures import ThreadPoolExecutor
from itertools import permutations

import pytest

from jorge_data.errors import StoreBusy, StoreError
from jorge_data.events import Cursor, decode
from jorge_data.store import Bounds, Commit, Page, Store
from jorge_data.store.sql.writing import QUEUE
from tests.store.conftest import Open
from tests.store.office import contents, event, health, keep, message


def test_positions_start_at_one_and_have_no_gap(store: Store) -> None:
    appended = keep(store, "a", "e1", "e2") + keep(store, "a", "e3")
    assert [(each.id, each.cursor.seq, each.duplicate) for each in appended] == [
        ("e1", 1, False),
        ("e2", 2, False),
        ("e3", 3, False),
    ]
    assert contents(store, "a") == [(1, "e1"), (2, "e2"), (3, "e3")]


def test_each_location_has_its_own_log(store: Store) -> None:
    (first,), (second,) = keep(store, "a", "e1"), keep(store, "b", "e1")
    assert first.cursor.seq == second.cursor.seq == 1
    assert first.cursor.epoch != second.cursor.epoch
    assert store.logs() == [
        Bounds("a", first.cursor.epoch, 1, 1),
        Bounds("b", second.cursor.epoch, 1, 1),
    ]


def test_what_is_served_is_what_was_admitted_with_its_position(store: Store) -> None:
    candidate = event("ü/1", source="a b", current_step='"\\\n\u2028 🏠', error_message="{[\0")
    (appended,) = store.append("a", [candidate]).result(10)
    (record,) = store.read("a", 0, 10).records
    assert (record.seq, record.type) == (1, "bot_status_update")
    assert decode(record.wire) == candidate.event._replace(seq=1, epoch=appended.cursor.epoch)


def test_the_same_event_again_has_its_first_position(store: Store) -> None:
    first = keep(store, "a", "e1", "e2", "e1")
    assert [(each.cursor.seq, each.duplicate) for each in first] == [(1, False), (2, False), (1, True)]
    again = store.append("a", [event("e2", status="error"), event("e3")]).result(10)
    assert [(each.cursor.seq, each.duplicate) for each in again] == [(2, True), (3, False)]
    assert decode(store.read("a", 1, 1).records[0].wire).data["status"] == "idle", "the first payload stays"


def test_the_same_id_from_another_source_is_another_event(store: Store) -> None:
    appended = store.append("a", [event("e1", source="x"), event("e1", source="y")]).result(10)
    assert [(each.cursor.seq, each.duplicate) for each in appended] == [(1, False), (2, False)]


def test_names_that_look_alike_are_not_the_same(store: Store) -> None:
    names = ["1", "01", "1.0", "a", "A", "a ", "é", "e\u0301", "null", '["a"]', "%", "'"]
    assert [each.duplicate for each in keep(store, "a", *names)] == [False] * len(names)
    assert [each.cursor.seq for each in keep(store, "a", *names)] == list(range(1, len(names) + 1))


def test_reopening_keeps_everything(opened: Open) -> None:
    first = opened()
    (appended,) = keep(first, "a", "e1")
    first.close()
    second = opened()
    assert contents(second, "a") == [(1, "e1")]
    (again, fresh) = keep(second, "a", "e1", "e2")
    assert again == appended._replace(duplicate=True)
    assert fresh.cursor == Cursor(appended.cursor.epoch, 2)


def test_an_empty_append_begins_no_log(store: Store) -> None:
    assert store.append("a", []).result(10) == []
    assert store.logs() == []


def test_an_unknown_location_has_an_empty_epoch_and_nothing_in_it(store: Store) -> None:
    assert store.bounds("nowhere") == Bounds("nowhere", "", 1, 0)
    assert store.read("nowhere", 0, 10) == Page([], 0)
    assert store.timeline("nowhere", "c1", None, 10) == []
    store.drop("nowhere").result(10)
    assert store.logs() == []


def test_a_reader_pages_through_the_log(store: Store) -> None:
    keep(store, "a", *(f"e{number}" for number in range(1, 8)))
    position, seen = 0, []
    while (page := store.read("a", position, 3)).records:
        seen.append([record.seq for record in page.records])
        position = page.position
    assert seen == [[1, 2, 3], [4, 5, 6], [7]]
    assert position == 7


def test_a_filter_passes_over_other_kinds_and_says_how_far_it_read(store: Store) -> None:
    store.append("a", [event("e1"), health("h2"), event("e3"), health("h4"), event("e5")]).result(10)
    wanted = frozenset({"system_health_update"})
    page = store.read("a", 0, 10, wanted)
    assert ([record.seq for record in page.records], page.position) == ([2, 4], 5)
    page = store.read("a", 0, 2, wanted)
    assert ([record.seq for record in page.records], page.position) == ([2, 4], 4)
    assert store.read("a", 4, 10, wanted) == Page([], 5)
    assert store.read("a", 0, 10, frozenset({"property_alert"})) == Page([], 5)
    assert store.read("a", 0, 10, frozenset()) == Page([], 5)


def test_a_position_beyond_the_top_stays_where_it_is(store: Store) -> None:
    keep(store, "a", "e1")
    assert store.read("a", 9, 10) == Page([], 9)


def test_a_timeline_is_a_contacts_events_newest_first(store: Store) -> None:
    store.append("a", [event(f"e{n}", contact_id=f"c{n % 2}") for n in range(1, 8)]).result(10)
    store.append("b", [event("other", contact_id="c1")]).result(10)
    assert [record.seq for record in store.timeline("a", "c1", None, 3)] == [7, 5, 3]
    assert [record.seq for record in store.timeline("a", "c1", 3, 3)] == [1]
    assert store.timeline("a", "c1", 1, 3) == []


@pytest.mark.parametrize("order", list(permutations((None, "sent", "delivered", "failed"))))
def test_a_message_is_one_line_of_a_timeline_with_its_newest_delivery(
    store: Store, order: tuple[str | None, ...]
) -> None:
    store.append("a", [message("m2", "queued"), *(message("m1", delivery) for delivery in order)]).result(10)
    store.append("a", [message("m1", "read", contact="c2"), message(None, None), message(None, "sent")]).result(10)
    lines = [decode(record.wire).data for record in store.timeline("a", "c1", None, 10)]
    assert [(line.get("message_id"), line.get("delivery")) for line in lines] == [
        (None, "sent"),
        (None, None),
        ("m1", "delivered"),
        ("m2", "queued"),
    ]
    assert len(store.timeline("a", "c1", None, 3)) == 3
    assert len(store.read("a", 0, 20).records) == 8, "the log has them all"


def test_a_dropped_location_leaves_nothing_and_begins_anew(store: Store) -> None:
    (appended,) = keep(store, "a", "e1")
    keep(store, "b", "e1")
    store.drop("a").result(10)
    assert store.bounds("a") == Bounds("a", "", 1, 0)
    assert contents(store, "a") == []
    assert contents(store, "b") == [(1, "e1")]
    (again,) = keep(store, "a", "e1")
    assert (again.cursor.seq, again.duplicate) == (1, False)
    assert again.cursor.epoch != appended.cursor.epoch


def test_many_threads_append_without_gaps_and_in_their_own_order(store: Store) -> None:
    def publish(thread: int) -> list[int]:
        futures = [store.append("a", [event(f"{thread}-{n}-{m}") for m in range(3)]) for n in range(30)]
        return [appended.cursor.seq for future in futures for appended in future.result(30)]

    with ThreadPoolExecutor(8) as pool:
        positions = list(pool.map(publish, range(8)))
    assert all(own == sorted(own) for own in positions)
    assert sorted(seq for own in positions for seq in own) == list(range(1, 8 * 90 + 1))
    assert [seq for seq, _ in contents(store, "a")] == list(range(1, 8 * 90 + 1))


def test_nothing_appears_below_what_a_reader_has_seen(store: Store) -> None:
    done = threading.Event()

    def publish(thread: int) -> None:
        for n in range(40):
            keep(store, "a", f"{thread}-{n}")

    def follow() -> list[int]:
        seen: list[int] = []
        while not done.is_set() or store.bounds("a").top > len(seen):
            seen += [record.seq for record in store.read("a", seen[-1] if seen else 0, 7).records]
        return seen

    with ThreadPoolExecutor(5) as pool:
        reader = pool.submit(follow)
        for writer in [pool.submit(publish, thread) for thread in range(4)]:
            writer.result(30)
        done.set()
        assert reader.result(30) == list(range(1, 161))


def test_the_listener_hears_each_commit_in_order_before_its_publisher_does(opened: Open) -> None:
    calls: list[str] = []

    def listen(commit: Commit) -> None:
        calls.extend(f"commit {record.seq}" for record in commit.records)

    store = opened(listen)
    for n in range(1, 4):
        future = store.append("a", [event(f"e{n}")])
        future.add_done_callback(lambda done: calls.append(f"ack {done.result()[0].cursor.seq}"))
        future.result(10)
    store.close()
    assert calls == ["commit 1", "ack 1", "commit 2", "ack 2", "commit 3", "ack 3"]


def test_a_commit_says_what_was_added_and_where_the_log_ends(opened: Open) -> None:
    commits: list[Commit] = []
    store = opened(commits.append)
    (appended, _) = keep(store, "a", "e1", "e2")
    keep(store, "a", "e2", "e3")
    keep(store, "a", "e3")
    epoch = appended.cursor.epoch
    assert [commit.bounds for commit in commits] == [Bounds("a", epoch, 1, 2), Bounds("a", epoch, 1, 3)]
    assert [record for commit in commits for record in commit.records] == store.read("a", 0, 10).records


def test_a_listener_that_fails_stops_nothing(opened: Open, caplog: pytest.LogCaptureFixture) -> None:
    def fail(commit: Commit) -> None:
        raise RuntimeError("the listener has gone")

    store = opened(fail)
    assert [each.cursor.seq for each in keep(store, "a", "e1") + keep(store, "a", "e2")] == [1, 2]
    assert "the listener failed" in caplog.text


def test_a_publisher_that_stops_waiting_stops_nothing(opened: Open) -> None:
    entered, leave = threading.Event(), threading.Event()

    def hold(commit: Commit) -> None:
        entered.set()
        assert leave.wait(10)

    store = opened(hold)
    store.append("a", [event("e1")])
    assert entered.wait(10)
    impatient = store.append("a", [event("e2")])
    assert not impatient.cancel()
    leave.set()
    assert impatient.result(10)[0].cursor.seq == 2
    assert contents(store, "a") == [(1, "e1"), (2, "e2")]


def test_more_than_the_queue_holds_is_refused_and_what_it_holds_is_kept(opened: Open) -> None:
    entered, leave = threading.Event(), threading.Event()

    def hold(commit: Commit) -> None:
        entered.set()
        assert leave.wait(30)

    store = opened(hold)
    store.append("a", [event("first")])
    assert entered.wait(10)
    batch = [event(f"e{n}") for n in range(QUEUE // 20)]
    waiting = [store.append("a", batch) for _ in range(20)]
    with pytest.raises(StoreBusy, match=f"{QUEUE} events wait for the store: at most {QUEUE} may"):
        store.append("a", [event("one too many")])
    leave.set()
    assert [future.result(30)[0].duplicate for future in waiting] == [False] + [True] * 19
    assert keep(store, "a", "now")[0].cursor.seq == len(batch) + 2


def test_what_was_accepted_before_closing_is_kept(opened: Open) -> None:
    store = opened()
    futures = [store.append("a", [event(f"e{n}")]) for n in range(50)]
    store.close()
    assert [future.result(0)[0].cursor.seq for future in futures] == list(range(1, 51))
    assert len(contents(opened(), "a")) == 50


def test_a_closed_store_takes_nothing_more(opened: Open) -> None:
    store = opened()
    store.close()
    with pytest.raises(StoreError, match="the store is closed"):
        store.append("a", [event("e1")])
    with pytest.raises(StoreError, match="the store is closed"):
        store.drop("a")
