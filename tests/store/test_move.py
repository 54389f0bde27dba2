"""A store moves to the other engine and back with everything in it; readers resume; a move that broke off goes on."""

import os
import signal
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, create_engine, inspect, make_url

from jorge_data.errors import StoreError, StoreTaken
from jorge_data.events import admit
from jorge_data.store import AuditedAction, Credential, Delivery, Store, move_store, open_store
from jorge_data.store.postgresql import writer
from jorge_data.store.sql.move import BATCH, MOVED_TABLES
from jorge_data.store.sql.tables import metadata
from jorge_data.store.sql.tables import store as stores
from tests.events.examples import FULL, RECEPTION
from tests.postgresql import PostgreSQLServer
from tests.served import Served, bot_status
from tests.store.conftest import ignore
from tests.store.office import contents, keep
from tests.waiting import wait_until

ROOT = Path(__file__).parents[2]

ROWS = (
    "INSERT INTO users (id, name, display_name, login, added_at) VALUES (3, 'ann', 'Ann', 'password', 1)",
    "INSERT INTO grants (\"user\", location, role) VALUES (3, 'a', 'admin')",
    "INSERT INTO sessions (id, \"user\", login, began_at, used_at, ends_at) VALUES ('s1', 3, 'password', 1, 1, 9)",
    "INSERT INTO invitations (id, \"user\", ends_at) VALUES ('i1', 3, 9)",
    "INSERT INTO views (id, owner, name, page, parameters, shared, saved_at)"
    " VALUES (7, 'ann', 'v', 'revenue', '{}', true, 1)",
    "INSERT INTO crm_entities (location, kind, id, body) VALUES ('a', 'contact', 'c1', '{}')",
    "INSERT INTO rollups (log, kind, measure, grain, bucket, n, sum) VALUES (1, 'k', '', 'day', 5, 2, 9)",
    "INSERT INTO entities (id, log, family, key, at, name, summary, state)"
    " VALUES (11, 1, 'contact', 'c1', 5, 'Zoë', '{}', CAST('[1]' AS <blob>))",
    "INSERT INTO facts (id, log, kind, at, entity, measures) VALUES (12, 1, 'k', 5, 'c1', '{\"n\": 1}')",
    "INSERT INTO watermarks (log, epoch, seq, rules, newest, minutes_from, mixed) VALUES (1, 'x', 1, 'r', 5, 5, true)",
    "INSERT INTO words (log, kind, dim, value) VALUES (1, 'k', 'd', 'v')",
    "INSERT INTO erasures (id, location, contact, contacts, asked_at, asked_by) VALUES (9, 'a', 'c9', '[]', 1, 'ann')",
    "INSERT INTO field_retention (location, field, until, seen, at) VALUES ('a', 'body', 1, 1, 1)",
    "INSERT INTO former_epochs (log, epoch, before) VALUES (1, 'old', 4)",
)
"""A row of each table into which a store writes only what others bring it."""

MANY = """
INSERT INTO deliveries (location, vendor, key, type, received_at, state, events, body)
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {rows})
SELECT 'a', 'ghl', 'many-' || i, 't', i, 'translated', 0, '{{}}' FROM n
"""


def quiet(share: float, note: str) -> None:
    assert 0 <= share <= 1


def opened(url: str, folder: Path) -> Store:
    return open_store(url, ignore, folder=folder)


def insert(store: Store, *statements: str) -> None:
    blob = "bytea" if "PostgreSQL" in type(store).__name__ else "blob"
    for statement in statements:
        text = statement.replace("<blob>", blob)
        store.writer.run(partial(Connection.exec_driver_sql, statement=text)).result(60)  # type: ignore[attr-defined]


def fill(url: str, folder: Path, rows: int = 10) -> None:
    """Have something in every table of a store, and so many deliveries."""
    now = datetime.now(UTC)
    every = [{"id": kind, "source": "tests", "type": kind, "data": data} for kind, data in FULL.items()]
    with closing(opened(url, folder)) as store:
        store.append("a", [admit(event, RECEPTION) for event in every]).result(10)
        keep(store, "b", "e1", "e2")
        made = AuditedAction(now, "ann", "token.make", "t1", after={"role": "admin"})
        store.credentials.add(Credential("t1", now), None, None, made).result(10)
        store.credentials.revoke("t2", AuditedAction(now, "ann", "token.revoke", "t2")).result(10)
        store.inbox.file(Delivery("a", "ghl", "k1", "t", now, '{"n": "Ü"}'.encode(), timedelta(1))).result(10)
        insert(store, *ROWS, MANY.format(rows=rows))


def rows_of(url: str) -> dict[str, list[tuple[Any, ...]]]:
    """Return all rows of every table, read without what moves them; of the store's own table its name alone."""
    engine = create_engine(make_url(url).set(drivername="postgresql+psycopg") if url.startswith("p") else url)
    with engine.connect() as connection:
        rows = {
            table.name: [tuple(row) for row in connection.execute(table.select().order_by(*table.primary_key))]
            for table in MOVED_TABLES
        }
        rows["store"] = [tuple(row) for row in connection.execute(stores.select().with_only_columns(stores.c.id))]
    engine.dispose()
    return rows


def command(*arguments: str, folder: Path) -> subprocess.Popen[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("JORGE_")}
    return subprocess.Popen(
        [sys.executable, "-m", "jorge_data", *arguments],
        env={**environment, "PYTHONPATH": str(ROOT)},
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.fixture
def file(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'from' / 'events.db'}"


@pytest.fixture
def database(postgresql: PostgreSQLServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    """An empty database; its archive stands in this test's folder."""
    monkeypatch.chdir(tmp_path)
    return postgresql.new_database()


def test_every_table_comes_along_there_and_back(file: str, database: str, tmp_path: Path) -> None:
    fill(file, tmp_path)
    before = rows_of(file)
    assert [name for name, rows in before.items() if not rows] == []
    there = move_store(file, database, quiet)
    moved = rows_of(database)
    acts = moved.pop("audit")
    assert acts[:-1] == before["audit"]
    assert acts[-1][2:4] == ("command-line", "store.move")
    assert acts[-1][4].startswith(f"from {file.removeprefix('sqlite:///')} to the database test_")
    assert moved == {name: rows for name, rows in before.items() if name != "audit"}
    assert [(log.location, log.events) for log in there] == [("a", len(FULL)), ("b", 2)]
    back = f"sqlite:///{tmp_path / 'back' / 'events.db'}"
    assert move_store(database, back, quiet) == there
    assert {name: rows for name, rows in rows_of(back).items() if name != "audit"} == moved
    assert rows_of(file) == before  # the source stays as it is


@pytest.mark.parametrize("rounds", [1, 2])
def test_a_moved_store_goes_on_behind_what_was_moved(file: str, database: str, tmp_path: Path, rounds: int) -> None:
    fill(file, tmp_path)
    with closing(opened(file, tmp_path)) as store:
        before = {bounds.location: bounds for bounds in store.logs()}
    url = database
    move_store(file, url, quiet)
    if rounds == 2:
        url = f"sqlite:///{tmp_path / 'back' / 'events.db'}"
        move_store(database, url, quiet)
    for _ in range(2):  # the second opening finds the end of the first in order
        with closing(opened(url, tmp_path)) as store:
            assert {bounds.location: bounds for bounds in store.logs()} == before
            assert store.audit.verify().fault is None
            assert store.ended_in_order
    with closing(opened(url, tmp_path)) as store:
        assert [result.duplicate for result in keep(store, "b", "e1", "e3")] == [True, False]
        assert contents(store, "b") == [(1, "e1"), (2, "e2"), (3, "e3")]
        keep(store, "new", "e1")  # a log of its own, behind the numbers of those that were moved
        assert [bounds.location for bounds in store.logs()] == ["a", "b", "new"]
        insert(store, "INSERT INTO users (name, display_name, login, added_at) VALUES ('bob', 'Bob', 'password', 1)")
    assert [row[0] for row in rows_of(url)["users"]] == [3, 4]


def test_a_reader_resumes_on_the_other_engine_and_back(database: str, tmp_path: Path) -> None:
    file = tmp_path / "events.db"
    urls = [f"sqlite:///{file}", database, f"sqlite:///{tmp_path / 'back.db'}"]
    read: list[str] = []
    cursor = "oldest"
    for number, url in enumerate(urls):
        if number:
            moving = command("move", "--from", urls[number - 1], "--to", url, folder=tmp_path)
            told, progress = moving.communicate(timeout=120)
            assert moving.returncode == 0, progress
            assert "default: " in told
            assert "Move: 100 %" in progress
        with Served(tmp_path, JORGE_STORE_URL=url) as served:
            served.post([bot_status(each, id=f"{number}-{each}") for each in range(100)]).raise_for_status()
            page = served.get("/events", after=cursor, limit=60)  # and 40 are left for the next
            assert cursor == "oldest" or page["recovered"]
            read += [event["id"] for event in page["events"]]
            cursor = f"{page['epoch']}:{len(read)}"
    expected = [f"{number}-{each}" for number in range(3) for each in range(100)]
    assert read == expected[:180]


def test_a_command_that_is_killed_goes_on_where_it_is_begun_again(
    file: str, database: str, postgresql: PostgreSQLServer, tmp_path: Path
) -> None:
    fill(file, tmp_path, rows=2 * BATCH + 100)
    name = make_url(database).database
    assert name is not None
    arguments = "move", "--from", file, "--to", database
    with postgresql.connect(name) as other:
        with postgresql.connect(name) as first, first.transaction(force_rollback=True):
            # What the command would write in its second batch stands here, and is not committed.
            first.execute(
                "INSERT INTO deliveries (id, location, vendor, key, type, received_at, state, events, body)"
                " VALUES (1000000, 'a', 'ghl', %s, 't', 0, 'pending', 0, '')",
                (f"many-{BATCH + 10}",),
            )
            killed = command(*arguments, folder=tmp_path)
            try:
                waits = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = %s"
                wait_until(lambda: other.execute(waits, (name,)).fetchall()[0][0] == 1)
            finally:
                killed.send_signal(signal.SIGKILL)
                told = killed.communicate(timeout=60)
            assert killed.returncode == -signal.SIGKILL, told
        assert other.execute("SELECT count(*) FROM deliveries").fetchall() == [(BATCH,)]
    with pytest.raises(StoreError, match="a move into it was broken off: run `jorge move` again"):
        opened(database, tmp_path)
    again = command(*arguments, folder=tmp_path)
    _, progress = again.communicate(timeout=120)
    assert again.returncode == 0, progress
    before, after = rows_of(file), rows_of(database)
    assert after.pop("audit")[:-1] == before.pop("audit")
    assert after == before


DYING = """
import os, signal, sys
from jorge_data.store import move_store

def show(share, note):
    if share >= 0.3:
        os.kill(os.getpid(), signal.SIGKILL)

move_store(sys.argv[1], sys.argv[2], show)
"""


def test_a_move_into_a_file_that_is_killed_leaves_no_store_and_goes_on(
    file: str, database: str, tmp_path: Path
) -> None:
    fill(database, tmp_path, rows=2 * BATCH)
    before = rows_of(database)
    killed = subprocess.run([sys.executable, "-c", DYING, database, file], cwd=tmp_path, env=paths(), check=False)
    assert killed.returncode == -signal.SIGKILL
    path = Path(file.removeprefix("sqlite:///"))
    assert not path.exists()
    shares: list[float] = []
    move_store(database, file, lambda share, note: shares.append(share))
    assert shares[0] > 0.3  # what was there is not moved again
    after = rows_of(file)
    assert after.pop("audit")[:-1] == before.pop("audit")
    assert after == before


def paths() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT)}


def break_off(source: str, target: str) -> None:
    def show(share: float, note: str) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        move_store(source, target, show)


def test_a_move_that_broke_off_goes_on_with_the_same_state_alone(file: str, database: str, tmp_path: Path) -> None:
    fill(file, tmp_path)
    break_off(file, database)
    with closing(opened(file, tmp_path)) as store:
        keep(store, "b", "e3")
    with pytest.raises(StoreError, match="a move of another store, or of an earlier state of this one, was broken off"):
        move_store(file, database, quiet)


def test_what_is_not_as_it_was_is_found(file: str, database: str, tmp_path: Path, postgresql: PostgreSQLServer) -> None:
    fill(file, tmp_path)

    def change(share: float, note: str) -> None:
        if "copied" in note:
            with postgresql.connect(make_url(database).database or "") as other:
                other.execute("UPDATE events SET body = replace(body, 'c1', 'c2') WHERE seq = 1")

    with pytest.raises(StoreError, match="has not the events of"):
        move_store(file, database, change)
    with pytest.raises(StoreError, match="broken off"):
        opened(database, tmp_path)


@pytest.mark.parametrize("onto", ["file", "database"])
def test_a_target_that_is_not_empty_is_refused(file: str, database: str, tmp_path: Path, onto: str) -> None:
    source, target = (database, file) if onto == "file" else (file, database)
    for url in (source, target):
        with closing(opened(url, tmp_path)) as store:
            keep(store, "a", "e1")
    with pytest.raises(StoreError, match="is not empty"):
        move_store(source, target, quiet)
    with closing(opened(target, tmp_path)) as store:
        assert contents(store, "a") == [(1, "e1")]


def test_a_database_of_something_else_is_refused(file: str, tmp_path: Path, postgresql: PostgreSQLServer) -> None:
    fill(file, tmp_path)
    url = postgresql.blank_database()
    with postgresql.connect(make_url(url).database or "") as other:
        other.execute("CREATE TABLE people (id int)")
    with pytest.raises(StoreError, match="is not empty: it has tables of something else"):
        move_store(file, url, quiet)


def test_a_database_without_a_table_is_filled(
    file: str, tmp_path: Path, postgresql: PostgreSQLServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    fill(file, tmp_path)
    url = postgresql.blank_database()
    move_store(file, url, quiet)
    assert rows_of(url)["events"] == rows_of(file)["events"]


def test_a_server_on_either_side_keeps_a_move_out(
    file: str, database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(file, tmp_path)
    monkeypatch.setattr(writer, "LOCK_WAIT_S", 0.0)
    with closing(opened(database, tmp_path)), pytest.raises(StoreError, match="another event server has this database"):
        move_store(file, database, quiet)
    with closing(opened(file, tmp_path)), pytest.raises(StoreTaken, match=f"held by process {os.getpid()}"):
        move_store(file, database, quiet)


def test_a_store_of_another_version_is_refused_and_not_migrated(file: str, database: str, tmp_path: Path) -> None:
    fill(file, tmp_path)
    engine = create_engine(file)
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0020'")
    with pytest.raises(StoreError, match="is of version 0020, and this program of 0021: start the event server"):
        move_store(file, database, quiet)
    with engine.begin() as connection:
        assert connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar_one() == "0020"
    engine.dispose()


def test_the_archive_comes_along_and_another_is_not_mixed_with_it(file: str, database: str, tmp_path: Path) -> None:
    fill(file, tmp_path)
    day = tmp_path / "from" / "archive" / "a" / "2026-11-01.parquet"
    day.parent.mkdir(parents=True)
    day.write_bytes(b"a day")
    other = tmp_path / "var" / "archive" / "z" / "2026-11-01.parquet"
    other.parent.mkdir(parents=True)
    other.write_bytes(b"another office's")
    with pytest.raises(StoreError, match=r"z/2026-11-01\.parquet is of another archive"):
        move_store(file, database, quiet)
    other.unlink()
    move_store(file, database, quiet)
    assert (tmp_path / "var" / "archive" / "a" / "2026-11-01.parquet").read_bytes() == b"a day"


def test_no_table_of_a_store_is_forgotten(file: str, database: str, tmp_path: Path) -> None:
    fill(file, tmp_path)
    for url in (file, database):
        engine = create_engine(make_url(url).set(drivername="postgresql+psycopg") if url.startswith("p") else url)
        tables = {name for name in inspect(engine).get_table_names() if not name.startswith("events_")}
        engine.dispose()
        assert tables - {"alembic_version"} == set(metadata.tables) == {t.name for t in MOVED_TABLES} | {"store"}


def test_a_zero_in_a_text_of_an_older_version_is_moved_as_a_replacement_character(
    file: str, database: str, tmp_path: Path
) -> None:
    fill(file, tmp_path)
    with closing(opened(file, tmp_path)) as store:
        insert(store, "UPDATE views SET parameters = 'a' || char(0)")
    move_store(file, database, quiet)
    assert rows_of(database)["views"][0][4] == "a\ufffd"


def test_an_unreachable_database_is_named_without_its_password(file: str, tmp_path: Path) -> None:
    fill(file, tmp_path)
    moving = command("move", "--from", file, "--to", "postgresql://ann:secret@127.0.0.1:1/x", folder=tmp_path)
    told, why = moving.communicate(timeout=60)
    assert (moving.returncode, told) == (2, "")
    assert "PostgreSQL" in why
    assert "secret" not in why
