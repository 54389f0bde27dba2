"""A backup is made while the server runs, is what it says, and put back begins new epochs; revoked tokens stay so."""

import os
import sqlite3
import subprocess
import sys
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import orjson
import pytest
from sqlalchemy import Connection

from jorge_data.errors import StoreError, StoreTaken
from jorge_data.store import AuditedAction, Credential, SQLiteStore
from jorge_data.store.sqlite.backup import MANIFEST, STORE, back_up, begin_new_epochs, restore
from tests.served import Served, bot_status
from tests.store.office import contents, keep

ROOT = Path(__file__).parents[2]


def quiet(share: float, note: str) -> None:
    assert 0 <= share <= 1


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "var").mkdir()
    return tmp_path / "var" / "events.db"


def command(*arguments: str, store: Path) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("JORGE_")}
    return subprocess.run(
        [sys.executable, "-m", "jorge_data", *arguments, "--store", f"sqlite:///{store}"],
        env={**environment, "PYTHONPATH": str(ROOT)},
        cwd=store.parent,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_a_backup_of_a_running_server_is_restored_under_new_epochs(tmp_path: Path) -> None:
    with Served(tmp_path) as served:
        store, folder = tmp_path / "events.db", tmp_path / "saved"
        served.post([bot_status(number, id=f"old{number}") for number in range(100)]).raise_for_status()
        made = command("backup", str(folder), store=store)
        assert made.returncode == 0, made.stderr
        assert "100 %" in made.stderr
        logs = orjson.loads((folder / MANIFEST).read_bytes())["logs"]
        assert [log["top"] for log in logs if log["location"] == "default"] == [100]
        served.post([bot_status(number, id=f"lost{number}") for number in range(50)]).raise_for_status()
        before = served.get("/events", after="latest")
        refused = command("restore", str(folder), store=store)
        assert refused.returncode == 2
        assert f"held by process {served.process.pid}" in refused.stderr
        served.kill()
        restored = command("restore", str(folder), store=store)
        assert restored.returncode == 0, restored.stderr
        assert "begins a new epoch" in restored.stdout
        served.start()
        served.post([bot_status(number, id=f"new{number}") for number in range(60)]).raise_for_status()
        page = served.get("/events", after=f"{before['epoch']}:150", limit=500)
        assert (page["recovered"], page["top"]) == (False, 160)
        assert page["epoch"] != before["epoch"]
        events = served.get("/events", after="oldest", limit=500)["events"]
        assert [event["id"] for event in events] == [f"old{n}" for n in range(100)] + [f"new{n}" for n in range(60)]


def test_a_damaged_backup_is_refused_and_nothing_is_touched(path: Path, tmp_path: Path) -> None:
    with closing(SQLiteStore(path)) as store:
        keep(store, "a", "e1", "e2")
    folder = tmp_path / "saved"
    manifest = back_up(path, folder, quiet)
    assert [(log["location"], log["top"]) for log in manifest["logs"]] == [("a", 2)]
    assert orjson.loads((folder / MANIFEST).read_bytes()) == manifest
    content = bytearray((folder / STORE).read_bytes())
    content[-100] ^= 1
    (folder / STORE).write_bytes(content)
    with pytest.raises(StoreError, match=r"store\.db is not as it was backed up"):
        restore(folder, path, quiet)
    with closing(SQLiteStore(path)) as store:
        assert contents(store, "a") == [(1, "e1"), (2, "e2")]


def test_what_is_no_backup_is_refused(path: Path, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="is no backup"):
        restore(tmp_path, path, quiet)
    with pytest.raises(StoreError, match="is not there"):
        back_up(path, tmp_path / "saved", quiet)
    with closing(SQLiteStore(path)):
        pass
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "photo").touch()
    with pytest.raises(StoreError, match="is not empty"):
        back_up(path, tmp_path / "full", quiet)


def test_a_restore_is_refused_while_a_process_has_the_store(path: Path, tmp_path: Path) -> None:
    with closing(SQLiteStore(path)) as store:
        keep(store, "a", "e1")
        back_up(path, tmp_path / "saved", quiet)
        with pytest.raises(StoreTaken, match=f"held by process {os.getpid()}"):
            restore(tmp_path / "saved", path, quiet)
        with pytest.raises(StoreTaken):
            begin_new_epochs(path)


def revoked(store: SQLiteStore) -> Sequence[str]:
    return sorted(credential.jti for credential in store.credentials.revoked(datetime.now(UTC)))


def test_a_token_that_was_revoked_since_stays_revoked(path: Path, tmp_path: Path) -> None:
    now = datetime.now(UTC)
    with closing(SQLiteStore(path)) as store:
        store.credentials.add(
            Credential("t1", now), None, None, AuditedAction(now, "admin", "token.make", "t1")
        ).result(10)
        back_up(path, tmp_path / "saved", quiet)
        for name in ("t1", "t2"):
            store.credentials.revoke(name, AuditedAction(now, "admin", "token.revoke", name)).result(10)
    restore(tmp_path / "saved", path, quiet)
    with closing(SQLiteStore(path)) as store:
        assert revoked(store) == ["t1", "t2"]
        acts = {entry.act.act for entry in store.audit.newest(None, 10)}
        assert "store.restore" in acts


PERSON = (
    "INSERT INTO users (id, name, display_name, login, added_at) VALUES (1, 'ann', 'Ann', 'password', 1)",
    "INSERT INTO sessions (id, user, login, began_at, used_at, ends_at) VALUES ('s1', 1, 'password', 1, 1, 9)",
    "INSERT INTO invitations (id, user, ends_at) VALUES ('i1', 1, 9)",
)


def test_nobody_comes_in_by_what_a_backup_remembers(path: Path, tmp_path: Path) -> None:
    with closing(SQLiteStore(path)) as store:
        for statement in PERSON:
            store.writer.run(partial(Connection.exec_driver_sql, statement=statement)).result(10)
        back_up(path, tmp_path / "saved", quiet)
        disabled = "UPDATE users SET disabled_at = 5"
        store.writer.run(partial(Connection.exec_driver_sql, statement=disabled)).result(10)
    restore(tmp_path / "saved", path, quiet)
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT count(*) FROM sessions WHERE ended_at IS NULL").fetchone() == (0,)
        assert connection.execute("SELECT count(*) FROM invitations").fetchone() == (0,)
        assert connection.execute("SELECT disabled_at FROM users").fetchone() == (5,)


def test_a_disk_image_that_was_put_back_begins_new_epochs_when_it_is_said(path: Path) -> None:
    with closing(SQLiteStore(path)) as store:
        keep(store, "a", "e1")
        before = store.bounds("a").epoch
    begin_new_epochs(path)
    with closing(SQLiteStore(path)) as store:
        after = store.bounds("a").epoch
        assert after != before
    with closing(SQLiteStore(path)) as store:
        assert store.bounds("a").epoch == after
