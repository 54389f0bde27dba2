"""The inbox: on disk before it is acknowledged, each delivery once, in order, until somebody has translated it."""

import threading
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from jorge_data.errors import StoreBusy
from jorge_data.store import Delivery, DeliveryOutcome, Inbox, SQLiteStore, State, Store, VendorCopy
from jorge_data.store.sql.store import SQLStore
from jorge_data.store.sql.writing import BYTES_OF_AN_EVENT, QUEUE, Task
from tests.store.office import NOW, contents, event


def delivery(key: str, location: str = "a", vendor: str = "ghl", body: bytes = b"{}") -> Delivery:
    return Delivery(location, vendor, key, "ContactUpdate", NOW, body)


@pytest.fixture
def inbox(store: Store) -> Inbox:
    return store.inbox


def file(inbox: Inbox, *deliveries: Delivery) -> list[bool]:
    futures = [inbox.file(each) for each in deliveries]
    return [future.result(10) for future in futures]


def waiting(inbox: Inbox) -> list[str]:
    return [filed.delivery.key for filed in inbox.pending(100)]


def settle(inbox: Inbox, state: State, error: str | None = None) -> None:
    verdicts = [DeliveryOutcome(filed.id, state, 1, error) for filed in inbox.pending(100)]
    inbox.settle(verdicts, []).result(10)


def test_what_was_filed_waits_in_order_of_receipt_byte_for_byte(inbox: Inbox) -> None:
    given = [delivery(f"k{n}", body=f'{{"é\\u0000": "{n}", "a" :1.0}}'.encode()) for n in range(20)]
    assert file(inbox, *given) == [False] * 20
    assert [filed.delivery for filed in inbox.pending(100)] == given
    assert [filed.delivery.key for filed in inbox.pending(2)] == ["k0", "k1"]
    assert inbox.waiting() == 20


def test_a_repeat_is_known_by_vendor_and_key_also_within_one_commit(inbox: Inbox) -> None:
    one, other = delivery("k"), delivery("k", vendor="retell")
    assert file(inbox, one, one, other, one) == [False, True, False, True]
    assert file(inbox, one._replace(body=b"[]")) == [True]
    assert [filed.delivery for filed in inbox.pending(100)] == [one, other]


def test_where_a_name_is_known_for_a_while_alone_it_is_news_after_it_and_the_old_delivery_stays(inbox: Inbox) -> None:
    hour = timedelta(hours=1)
    first = delivery("k")._replace(known_for=hour)
    retried, again = (first._replace(received_at=NOW + after) for after in (hour, hour + timedelta(microseconds=1)))
    assert file(inbox, first) + file(inbox, retried) + file(inbox, again, again) == [False, True, False, True]
    assert [filed.delivery.received_at for filed in inbox.pending(100)] == [first.received_at, again.received_at]
    assert file(inbox, delivery("k", vendor="retell"), delivery("k")) == [False, True]


def test_a_name_in_odd_characters_is_its_own(inbox: Inbox) -> None:
    keys = ["1", "01", "1.0", "null", "é", "e\u0301", '"', "%", "A", "a"]
    assert file(inbox, *map(delivery, keys)) == [False] * len(keys)
    assert waiting(inbox) == keys


def test_it_outlives_the_process(tmp_path: Path) -> None:
    with closing(SQLiteStore(tmp_path / "events.db")) as store:
        file(store.inbox, delivery("k"))
    with closing(SQLiteStore(tmp_path / "events.db")) as store:
        assert waiting(store.inbox) == ["k"]
        assert file(store.inbox, delivery("k")) == [True]


def test_deliveries_and_events_share_a_commit_and_keep_their_answers_apart(store: Store) -> None:
    holding = _hold(store)
    appended = [store.append("a", [event(f"e{n}")]) for n in range(3)]
    filed = [store.inbox.file(delivery(f"k{n % 2}")) for n in range(3)]
    holding.set()
    assert [future.result(10)[0].id for future in appended] == ["e0", "e1", "e2"]
    assert [future.result(10) for future in filed] == [False, False, True]
    assert contents(store, "a") == [(1, "e0"), (2, "e1"), (3, "e2")]


def _hold(store: Store) -> threading.Event:
    """Keep the writer busy until the event is set, so that what is queued meanwhile becomes one group."""
    begun, release = threading.Event(), threading.Event()

    def wait(connection: object) -> None:
        begun.set()
        release.wait(10)

    assert isinstance(store, SQLStore)
    store.writer.put(Task(wait))
    assert begun.wait(10)
    return release


def test_the_queue_before_the_writer_is_bounded_and_large_bodies_weigh_more(store: Store) -> None:
    holding = _hold(store)
    large = b'"' + b"x" * (BYTES_OF_AN_EVENT * 250) + b'"'
    futures = [store.inbox.file(delivery(f"k{n}", body=large)) for n in range(QUEUE // 251)]
    with pytest.raises(StoreBusy, match="at most 20000"):
        store.inbox.file(delivery("one more", body=large))
    holding.set()
    assert not any(future.result(60) for future in futures)


def test_a_verdict_ends_the_waiting_and_is_told(inbox: Inbox) -> None:
    file(inbox, delivery("good"), delivery("bad"), delivery("odd"))
    good, bad, odd = (filed.id for filed in inbox.pending(3))
    verdicts = [
        DeliveryOutcome(good, "translated", 2),
        DeliveryOutcome(bad, "failed", 0, "no contactId"),
        DeliveryOutcome(odd, "ignored"),
    ]
    inbox.settle(verdicts, []).result(10)
    assert waiting(inbox) == []
    newest = [(f.delivery.key, f.state, f.events, f.error) for f in inbox.newest("a", (), 10)]
    assert newest == [
        ("odd", "ignored", 0, None),
        ("bad", "failed", 0, "no contactId"),
        ("good", "translated", 2, None),
    ]
    assert [f.delivery.key for f in inbox.newest("a", ["failed"], 10)] == ["bad"]
    assert [f.delivery.key for f in inbox.newest("a", ["failed", "ignored"], 10)] == ["odd", "bad"]
    assert [(t.type, t.state, t.deliveries, t.newest) for t in inbox.tallies("a")] == [
        ("ContactUpdate", "failed", 1, NOW),
        ("ContactUpdate", "ignored", 1, NOW),
        ("ContactUpdate", "translated", 1, NOW),
    ]
    assert inbox.tallies("b") == []


def test_what_failed_can_wait_again_in_its_old_place(inbox: Inbox) -> None:
    file(inbox, delivery("k1"), delivery("k2", "b"))
    settle(inbox, "failed", "why")
    file(inbox, delivery("k3"))
    assert inbox.reopen("b").result(10) == 1
    assert waiting(inbox) == ["k2", "k3"]
    assert inbox.reopen(None).result(10) == 1
    assert waiting(inbox) == ["k1", "k2", "k3"]


def test_copies_are_kept_with_the_verdict_newest_last_and_found_by_name(inbox: Inbox) -> None:
    copies = [VendorCopy("a", "contact", f"c{n}", b'{"n":%d}' % n) for n in range(400)]
    inbox.settle([], copies).result(10)
    inbox.settle([], [VendorCopy("a", "contact", "c1", b"{}"), VendorCopy("b", "contact", "c1", b'"b"')]).result(10)
    names = [("contact", f"c{n}") for n in range(500)] + [("opportunity", "c1")]
    bodies = {copy.id: copy.body for copy in inbox.copies("a", names)}
    assert len(bodies) == 400
    assert (bodies["c1"], bodies["c2"]) == (b"{}", b'{"n":2}')


def test_what_was_done_is_forgotten_after_a_while_what_failed_is_not(inbox: Inbox) -> None:
    file(inbox, delivery("done"))
    settle(inbox, "translated")
    file(inbox, delivery("failed"))
    settle(inbox, "failed")
    file(inbox, delivery("waits"))
    assert inbox.prune(NOW).result(10) == 0
    assert inbox.prune(NOW + timedelta(microseconds=1)).result(10) == 1
    assert file(inbox, delivery("done"), delivery("failed"), delivery("waits")) == [False, True, True]


def test_old_deliveries_are_forgotten_a_part_at_a_time_oldest_first(
    inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jorge_data.store.sql.inbox.PRUNED_AT_ONCE", 2)
    file(inbox, *(delivery(f"k{n}") for n in range(5)))
    settle(inbox, "ignored")
    after = NOW + timedelta(days=1)
    assert inbox.prune(after).result(10) == 2
    assert [filed.delivery.key for filed in inbox.newest("a", (), 10)] == ["k4", "k3", "k2"]
    assert [inbox.prune(after).result(10) for _ in range(3)] == [2, 1, 0]


def test_what_is_settled_after_its_location_was_removed_brings_nothing_back(store: Store) -> None:
    inbox = store.inbox
    file(inbox, delivery("k1"), delivery("k2"))
    verdicts = [DeliveryOutcome(filed.id, "translated") for filed in inbox.pending(2)]
    store.drop("a").result(10)
    inbox.settle(verdicts, [VendorCopy("a", "contact", "c", b"{}")]).result(10)
    assert (inbox.newest("a", (), 10), inbox.copies("a", [("contact", "c")])) == ([], [])


def test_a_location_is_removed_with_its_deliveries_and_copies(store: Store) -> None:
    inbox = store.inbox
    file(inbox, delivery("k1"), delivery("k2", "b"))
    inbox.settle([], [VendorCopy("a", "contact", "c", b"{}"), VendorCopy("b", "contact", "c", b"{}")]).result(10)
    store.drop("a").result(10)
    assert waiting(inbox) == ["k2"]
    assert (inbox.copies("a", [("contact", "c")]), len(inbox.copies("b", [("contact", "c")]))) == ([], 1)
