"""Erasures in the store: who is remembered, and for whom the whole file is written anew."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from jorge_data.errors import StoreError
from jorge_data.events import Reception, admit
from jorge_data.events.envelope import OWN
from jorge_data.store import SQLiteStore
from jorge_data.store.sqlite.backup import back_up, restore
from tests.served import bot_status
from tests.store.conftest import ignore
from tests.store.damage import break_page, on_leaf

AT = datetime(2026, 11, 2, tzinfo=UTC)
NAME = "Zebediah Quux"


def open_store(folder: Path) -> SQLiteStore:
    return SQLiteStore(folder / "events.db", ignore)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SQLiteStore]:
    store = open_store(tmp_path)
    yield store
    store.close()


def test_who_could_not_be_noted_is_not_erased_by_what_comes_later(store: SQLiteStore) -> None:
    with closing(sqlite3.connect(store.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError):
            store.erasures.begin("office", "c-1", ["c-1"], AT, "ann").result()
        other.execute("ROLLBACK")
    assert store.erasures.contacts("office") == frozenset()
    assert store.erasures.all() == []
    store.erasures.begin("office", "c-1", ["c-1"], AT, "ann").result()
    assert store.erasures.contacts("office") == {"c-1"}


def test_who_was_erased_is_found_without_reading_the_log(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    told = {"id": "erasure-7-1", "source": OWN, "type": "contact_update", "subject": "c-1"}
    events = [bot_status(number, id=f"e{number}") for number in range(1, 200)]
    events.append(told | {"data": {"contact_id": "c-1", "changed": {}}})
    store.append("office", [admit(each, Reception(AT, "office")) for each in events]).result()
    store.close()
    break_page(store.path, on_leaf(store.path, 60))
    with closing(open_store(tmp_path)) as damaged:
        assert damaged.read("office", 0, 500).unreadable is not None
        assert damaged.erased("office") == [(200, "c-1")]


def test_a_name_that_another_contact_has_in_a_row_is_no_reason_to_write_the_file_anew(store: SQLiteStore) -> None:
    data = {"contact_id": "c-2", "name": NAME, "changed": {}}
    event = {"id": "1", "source": "crm", "type": "contact_update", "time": "2026-11-01T00:00:00Z", "data": data}
    store.append("office", [admit(event, Reception(AT, "office"))]).result()
    store.wiping.empty_log()
    assert NAME.encode() in store.path.read_bytes()
    assert not store.wiping.finds([NAME, "Ann Lee"])


def test_a_digest_stays_the_stores_own_through_a_backup_and_is_no_other_stores(tmp_path: Path) -> None:
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
        open_store(tmp_path / name).close()
    back_up(tmp_path / "one" / "events.db", tmp_path / "saved", lambda share, note: None)
    (tmp_path / "elsewhere").mkdir()
    restore(tmp_path / "saved", tmp_path / "elsewhere" / "events.db", lambda share, note: None)
    digests = {}
    for name in ("one", "elsewhere", "other"):
        with closing(open_store(tmp_path / name)) as store:
            digests[name] = store.digest("+15125550142")
    assert digests["one"] == digests["elsewhere"] != digests["other"]
    assert "5550142" not in str(digests)


def test_a_name_in_free_space_is_found(tmp_path: Path) -> None:
    open_store(tmp_path).close()
    with closing(sqlite3.connect(tmp_path / "events.db")) as connection:
        connection.execute("PRAGMA secure_delete=OFF")
        connection.execute("CREATE TABLE old (text TEXT)")
        connection.executemany("INSERT INTO old VALUES (?)", [(f"{NAME} " * 300,)] * 50)
        connection.commit()
        connection.execute("DROP TABLE old")
        connection.commit()
    store = open_store(tmp_path)
    try:
        assert store.wiping.finds(["Ann Lee", NAME])
        store.wiping.rewrite()
        assert not store.wiping.finds([NAME])
    finally:
        store.close()
