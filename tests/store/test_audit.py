"""The audit log: chained in the order of acts, and the chain tells of whatever was done to it behind our back."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest

from jorge_data.store import AuditedAction, AuditFilter, SQLiteStore
from jorge_data.store.audit_entry import COLUMNS, GENESIS, LONGEST_STATE, LONGEST_WHAT, chained
from jorge_data.store.sqlite.triggers import AUDIT_TRIGGERS
from tests.store.earlier_store import take_back_to_0015
from tests.store.office import event, keep

NOW = datetime(2026, 11, 23, 18, 0, tzinfo=UTC)
Attack = Callable[[sqlite3.Connection], object]


def act(what: str, by: str = "ann", **more: Any) -> AuditedAction:
    return AuditedAction(NOW, by, "label.set", what)._replace(**more)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "events.db"


@pytest.fixture
def store(path: Path) -> Iterator[SQLiteStore]:
    with closing(SQLiteStore(path)) as opened:
        yield opened


def filled(path: Path, entries: int = 5, **more: Any) -> None:
    with closing(SQLiteStore(path)) as store:
        for number in range(1, entries + 1):
            store.audit.record(act(f"analysis-{number}", **more)).result(10)


def attacked(path: Path, attack: Attack) -> str | None:
    """Return what the server finds at its next start, of what was done to the store's file while it did not run."""
    with closing(sqlite3.connect(path)) as connection:
        for change in ("insert", "update", "delete"):
            connection.execute(f"DROP TRIGGER audit_{change}")
        attack(connection)
        for trigger in AUDIT_TRIGGERS:
            connection.execute(trigger)
        connection.commit()
    with closing(SQLiteStore(path)) as store:
        fault = store.audit.verify().fault
        return fault and fault.removeprefix("at an earlier start ")


def test_a_log_that_nobody_touched_is_whole(path: Path) -> None:
    filled(path)
    with closing(SQLiteStore(path)) as store:
        found = store.audit.verify()
        newest = store.audit.newest(None, 1)[0]
        assert (found.entries, found.head, found.fault) == (5, newest.hash, None)
        assert store.audit.verify((newest.id, newest.hash)).fault is None


@pytest.mark.parametrize("entry", [1, 3, 5])
@pytest.mark.parametrize("column", COLUMNS[1:])
def test_an_entry_that_was_changed_breaks_it(path: Path, column: str, entry: int) -> None:
    filled(path, role="agent", address="192.0.2.1", after={"to": "ann"})
    value = 7 if column == "at" else '{"role":"admin"}'
    fault = attacked(path, lambda c: c.execute(f"UPDATE audit SET {column} = ? WHERE id = ?", (value, entry)))
    assert fault == f"entry {entry} is not as it was written, or an entry before it was put in or removed"


@pytest.mark.parametrize("value", [None, b"ann", 1, 1.5])
def test_another_type_breaks_it(path: Path, value: object) -> None:
    filled(path)
    fault = attacked(
        path, lambda c: c.execute("UPDATE audit SET before = ?, what = ? WHERE id = 2", (value, value or 0))
    )
    assert (fault or "").startswith("entry 2 is not as it was written")


@pytest.mark.parametrize(
    ("gone", "fault"),
    [
        ("id = 1", "entry 1 is missing"),
        ("id = 3", "entry 3 is missing"),
        ("id = 5", "the newest entry is missing"),
        ("id > 2", "the newest 3 entries are missing"),
        ("true", "the newest 5 entries are missing"),
    ],
)
def test_entries_that_were_removed_break_it(path: Path, gone: str, fault: str) -> None:
    filled(path)
    assert attacked(path, lambda c: c.execute(f"DELETE FROM audit WHERE {gone}")) == fault


def test_entries_that_were_removed_and_the_others_moved_up_break_it(path: Path) -> None:
    filled(path)

    def attack(connection: sqlite3.Connection) -> None:
        connection.execute("DELETE FROM audit WHERE id = 2")
        for entry in (3, 4, 5):
            connection.execute("UPDATE audit SET id = ? WHERE id = ?", (entry - 1, entry))

    assert (attacked(path, attack) or "").startswith("entry 2 is not as it was written")


def test_two_entries_that_changed_places_break_it(path: Path) -> None:
    filled(path)

    def attack(connection: sqlite3.Connection) -> None:
        for old, new in ((2, 99), (3, 2), (99, 3)):
            connection.execute("UPDATE audit SET id = ? WHERE id = ?", (new, old))

    assert (attacked(path, attack) or "").startswith("entry 2 is not as it was written")


@pytest.mark.parametrize(
    ("entry", "fault"), [(-1, "entry -1 was put in"), (0, "entry 0 was put in"), (6, "entry 6 is not as it was")]
)
def test_an_entry_that_was_put_in_breaks_it(path: Path, entry: int, fault: str) -> None:
    filled(path)
    insert = f"INSERT INTO audit (id, at, by, act, what, hash) SELECT {entry}, at, 'bob', act, what, hash FROM audit"
    found = attacked(path, lambda c: c.execute(f"{insert} WHERE id = 5"))
    assert (found or "").startswith(fault)


def test_a_log_that_was_written_anew_with_sound_hashes_is_told_by_the_mark(path: Path) -> None:
    filled(path)

    def attack(connection: sqlite3.Connection) -> None:
        connection.execute("UPDATE audit SET by = 'bob' WHERE id = 2")
        hashed = GENESIS
        for row in connection.execute(f"SELECT {', '.join(COLUMNS)} FROM audit ORDER BY id").fetchall():
            hashed = chained(hashed, row)
            connection.execute("UPDATE audit SET hash = ? WHERE id = ?", (hashed, row[0]))

    assert attacked(path, attack) == "it was written anew: entry 5 is not the one that was acknowledged"


def test_a_hash_that_was_noted_elsewhere_tells_of_a_log_that_was_written_anew(store: SQLiteStore) -> None:
    store.audit.record(act("one")).result(10)
    assert store.audit.verify((1, "f" * 64)).fault == "it was written anew: entry 1 has another hash"
    assert store.audit.verify((9, "f" * 64)).fault == "entry 9 is missing: it has 1"


def test_triggers_that_are_gone_are_told(path: Path) -> None:
    filled(path)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("DROP TRIGGER audit_update")
    with closing(SQLiteStore(path)) as store:
        assert store.audit.verify().fault == "the triggers that keep it from being changed are not there"


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE audit SET by = 'nobody'",
        "DELETE FROM audit",
        "INSERT OR REPLACE INTO audit (id, at, by, act, what) VALUES (1, 1, 'bob', 'label.set', 'x')",
        "REPLACE INTO audit (id, at, by, act, what) VALUES (2, 1, 'bob', 'label.set', 'x')",
        "INSERT INTO audit (id, at, by, act, what) VALUES (9, 1, 'bob', 'label.set', 'x')",
        "INSERT INTO audit (id, at, by, act, what) VALUES (2, 1, 'bob', 'label.set', 'x')"
        " ON CONFLICT (id) DO UPDATE SET by = 'bob'",
    ],
)
def test_sqlite_itself_refuses_to_change_it(path: Path, change: str) -> None:
    filled(path, 3)
    refused = pytest.raises(sqlite3.IntegrityError, match="the audit log only grows")
    with closing(sqlite3.connect(path)) as connection, refused:
        connection.execute(change)
    with closing(SQLiteStore(path)) as store:
        assert store.audit.verify().fault is None


def test_a_break_at_the_end_stays_told_when_the_log_has_grown_again(path: Path) -> None:
    filled(path)
    attacked(path, lambda c: c.execute("DELETE FROM audit WHERE id > 3"))
    with closing(SQLiteStore(path)) as store:
        store.audit.record(act("one more")).result(10)
        acts = [(entry.id, entry.act.by, entry.act.act) for entry in store.audit.after(3, 10)]
        assert acts == [(4, "event-server", "audit.break"), (5, "ann", "label.set")]


def test_what_was_written_before_there_was_a_chain_is_chained(path: Path) -> None:
    filled(path)
    with closing(sqlite3.connect(path)) as connection:
        was = connection.execute("SELECT id, at, by, act, what FROM audit").fetchall()
        take_back_to_0015(connection)
        connection.execute("UPDATE alembic_version SET version_num = '0015'")
        connection.commit()
    with closing(SQLiteStore(path)) as store:
        entries = store.audit.after(0, 10)
        assert [(e.act.by, e.act.act, e.act.what) for e in entries] == [row[2:] for row in was]
        assert store.audit.verify()[::2] == (5, None)
    assert (attacked(path, lambda c: c.execute("UPDATE audit SET by = 'bob' WHERE id = 2")) or "").startswith("entry 2")


def test_an_act_is_written_with_the_events_that_it_is_of_or_not_at_all(store: SQLiteStore) -> None:
    poison = "CREATE TRIGGER poison BEFORE INSERT ON events BEGIN SELECT RAISE(ABORT, 'poisoned'); END"
    store.writer.run(lambda connection: connection.exec_driver_sql(poison)).result(10)
    failed = store.append("a", [event("e1")], [act("e1")])
    assert failed.exception(10) is not None
    store.writer.run(lambda connection: connection.exec_driver_sql("DROP TRIGGER poison")).result(10)
    assert store.audit.newest(None, 9) == []
    store.append("a", [event("e1"), event("e2")], [act("e1")]).result(10)
    store.append("a", [event("e1")], [act("again")]).result(10)
    keep(store, "a", "e3")
    assert [entry.act.what for entry in store.audit.newest(None, 9)] == ["e1"]
    assert store.audit.verify().fault is None


def test_what_was_before_is_what_the_last_act_on_the_same_left(store: SQLiteStore) -> None:
    for office, to in (("a", "ann"), ("b", "bob"), ("a", "carl")):
        store.audit.record(act("hot:c1", location=office, before="last", after={"to": to})).result(10)
    states = [(entry.act.before, entry.act.after) for entry in store.audit.after(0, 9)]
    assert states == [(None, {"to": "ann"}), (None, {"to": "bob"}), ({"to": "ann"}, {"to": "carl"})]


def test_what_one_does_again_within_the_time_is_one_entry(store: SQLiteStore) -> None:
    minutes = 0, 9, 10, 11
    for minute in minutes:
        at = NOW + timedelta(minutes=minute)
        for by, what in (("ann", "c1"), ("bob", "c1"), ("ann", "c2")):
            store.audit.record(act(what, by, at=at, once_in=timedelta(minutes=10))).result(10)
    entries = [(entry.act.by, entry.act.what, entry.act.at.minute) for entry in store.audit.after(0, 99)]
    first = [("ann", "c1", 0), ("bob", "c1", 0), ("ann", "c2", 0)]
    assert entries == [*first, *((by, what, 10) for by, what, _ in first)]


def test_an_entry_is_small_whatever_it_is_about(store: SQLiteStore) -> None:
    store.audit.record(act("x" * 9999, after={"note": "y" * 9999})).result(10)
    entry = store.audit.newest(None, 1)[0]
    assert len(entry.act.what) == LONGEST_WHAT
    assert len(orjson.dumps(entry.act.after)) < LONGEST_STATE
    assert store.audit.verify().fault is None


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (AuditFilter(), [4, 3, 2, 1]),
        (AuditFilter(by="ann"), [2, 1]),
        (AuditFilter(acts=("token.make", "token.revoke")), [4, 3]),
        (AuditFilter(location="b"), [4, 2]),
        (AuditFilter(start=NOW + timedelta(hours=1), end=NOW + timedelta(hours=3)), [3, 2]),
        (AuditFilter(text="100%"), [1]),
        (AuditFilter(text="HOT"), [2]),
        (AuditFilter(text="192.0.2.7"), [4]),
        (AuditFilter(by="ann", text="carl"), [2]),
        (AuditFilter(by="nobody"), []),
    ],
)
def test_it_is_filtered_by_who_what_where_when_and_text(
    store: SQLiteStore, wanted: AuditFilter, found: list[int]
) -> None:
    acts = [
        act("100% sure", location="a"),
        act("hot:c1", location="b", after={"to": "carl"}),
        act("t1", "bob", act="token.make", location="a"),
        act("t1", "bob", act="token.revoke", location="b", address="192.0.2.7"),
    ]
    for hour, each in enumerate(acts):
        store.audit.record(each._replace(at=NOW + timedelta(hours=hour))).result(10)
    assert [entry.id for entry in store.audit.newest(None, 9, wanted)] == found
    assert [entry.id for entry in store.audit.after(0, 9, wanted)] == found[::-1]
