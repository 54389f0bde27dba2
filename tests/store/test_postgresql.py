"""What holds of PostgreSQL alone: order behind a slow transaction, one server, a lost connection, the schema."""

import threading
from contextlib import closing
from pathlib import Path

import orjson
import pytest
from sqlalchemy import create_engine, inspect, make_url

from jorge_data.cli.doctor import examine
from jorge_data.errors import SettingsError, StoreError
from jorge_data.events import Reception, admit
from jorge_data.settings import Settings
from jorge_data.store import Bounds, EventFilter, EventPage, Store, open_store
from jorge_data.store.postgresql import writer
from jorge_data.store.sql.tables import metadata
from tests.postgresql import PostgreSQLServer
from tests.store.conftest import Open, ignore
from tests.store.office import NOW, contents, event, keep
from tests.store.test_read_events import ALWAYS, FIELDS, deal
from tests.waiting import wait_until

pytestmark = pytest.mark.parametrize("url", ["postgresql"], indirect=True)


def database(url: str) -> str:
    name = make_url(url).database
    assert name is not None
    return name


def test_a_slow_transaction_with_a_lower_position_is_seen_before_the_next(
    url: str, store: Store, postgresql: PostgreSQLServer
) -> None:
    keep(store, "a", "e1")
    with postgresql.connect(database(url)) as slow:
        with slow.transaction():
            (log,) = slow.execute("SELECT id FROM logs WHERE location = 'a' FOR UPDATE").fetchall()[0]
            slow.execute(
                "INSERT INTO events (log, seq, source, id, type, time, body)"
                " SELECT log, 2, source, 'slow', type, time, body FROM events WHERE log = %s AND seq = 1",
                (log,),
            )
            slow.execute("UPDATE logs SET top = 2 WHERE id = %s", (log,))
            quick = store.append("a", [event("e3")])
            waits = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = %s"
            wait_until(lambda: slow.execute(waits, (database(url),)).fetchall()[0][0] == 1)
            assert not quick.done()
            assert contents(store, "a") == [(1, "e1")]
        assert quick.result(10)[0].cursor.seq == 3
    assert [seq for seq, _ in contents(store, "a")] == [1, 2, 3]


def test_one_server_at_a_time_has_a_database(url: str, opened: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    first = opened()
    keep(first, "a", "e1")
    with monkeypatch.context() as refused:  # the next waits: a session ends a moment after its client has gone
        refused.setattr(writer, "LOCK_WAIT_S", 0.0)
        with pytest.raises(StoreError, match="another event server has this database"):
            opened()
    first.close()
    assert contents(opened(), "a") == [(1, "e1")]


def test_a_connection_that_was_cut_is_made_again(url: str, tmp_path: Path, postgresql: PostgreSQLServer) -> None:
    states: list[tuple[str, str]] = []
    again = threading.Event()

    def report(name: str, state: str, why: str) -> None:
        states.append((name, state))
        if state == "ok" and ("store", "failed") in states:
            again.set()

    with closing(open_store(url, ignore, report, folder=tmp_path)) as store:
        keep(store, "a", "e1")
        with postgresql.connect() as other:
            ended = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s"
            other.execute(ended, (database(url),))
        with pytest.raises(StoreError, match="the store could not commit"):
            keep(store, "a", "e2")
        assert [each.cursor.seq for each in keep(store, "a", "e2")] == [2]
        assert again.wait(10)
        assert contents(store, "a") == [(1, "e1"), (2, "e2")]


def test_a_life_is_known_by_the_next_with_its_end(opened: Open) -> None:
    first = opened()
    assert first.ended_in_order  # the template's own life came before it
    first.close()
    second = opened()
    assert second.last_alive is not None
    assert second.ended_in_order
    assert second.bounds("a") == Bounds("a", "", 1, 0)


def test_the_schema_has_every_table_column_and_index_that_the_statements_know(url: str) -> None:
    """The migration is frozen; the tables are what the code knows. What is one engine's alone is named here."""
    engine = create_engine(make_url(url).set(drivername="postgresql+psycopg"))
    there = inspect(engine)
    for table in metadata.sorted_tables:
        columns = {column["name"]: column["nullable"] for column in there.get_columns(table.name)}
        columns.pop("ended", None)  # SQLite's mark says it
        assert columns == {column.name: bool(column.nullable) for column in table.columns}, table.name
        assert there.get_pk_constraint(table.name)["constrained_columns"] == [c.name for c in table.primary_key]
        own = {str(index.name) for index in table.indexes} - {"rollups_empty"}
        assert own <= {index["name"] for index in there.get_indexes(table.name)}, table.name
    engine.dispose()


def test_the_audit_log_refuses_every_change(url: str, store: Store, postgresql: PostgreSQLServer) -> None:
    with postgresql.connect(database(url)) as other:
        for change in ("UPDATE audit SET by = 'x'", "DELETE FROM audit", "TRUNCATE audit"):
            other.execute("SELECT 1")
            if change.startswith("TRUNCATE"):
                with pytest.raises(Exception, match="the audit log only grows"):
                    other.execute(change.encode())
        with pytest.raises(Exception, match="the audit log only grows"):
            other.execute("INSERT INTO audit (id, at, by, act, what) VALUES (7, 0, 'x', 'y', 'z')")
    assert store.audit.verify().fault is None


def test_the_doctor_looks_at_it_and_a_backup_says_whose_that_is(url: str) -> None:
    settings = Settings(_env_file=None, store_url=url)  # type: ignore[call-arg]
    (found,) = [finding for finding in examine(settings) if finding.subject == "store"]
    assert "fsync = off" in found.detail  # as the tests' server is
    nobody = Settings(_env_file=None, store_url="postgresql://jorge:secret@127.0.0.1:1/x")  # type: ignore[call-arg]
    (found,) = [finding for finding in examine(nobody) if finding.subject == "store"]
    assert "PostgreSQL cannot be reached" in found.detail
    assert "secret" not in str(found)
    with pytest.raises(SettingsError, match="PostgreSQL's own tools back it up"):
        _ = settings.store_file


def test_a_zero_in_a_text_is_kept_in_the_event_and_read_as_a_replacement_character(store: Store) -> None:
    store.append("a", [admit(deal(1, deal_id="1\0 2"), Reception(NOW))]).result(10)
    with store.view("a") as view:
        event_filter = EventFilter("commission_update", view.top)
        (whole,) = view.events_page(EventPage(event_filter, ALWAYS, None, descending=True, limit=3))
        (picked,) = view.events_page(EventPage(event_filter, ALWAYS, None, True, 3, FIELDS))
    assert orjson.loads(whole.body)["data"]["deal_id"] == "1\0 2"
    assert picked.values[1] == "1\ufffd 2"
