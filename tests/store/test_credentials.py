"""Tokens of before it was kept to which user each goes back."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from jorge_data.store import AuditedAction, Credential, SQLiteStore, StoredUser


def test_a_token_of_before_goes_back_to_the_user_who_is_called_as_its_maker_was(tmp_path: Path) -> None:
    path, now = tmp_path / "events.db", datetime.now(UTC)
    act = AuditedAction(now, "ann", "token.make", "a token")
    with closing(SQLiteStore(path)) as store:
        ann = store.users.add(StoredUser(0, "ann", "Ann", "other", None, now, None, ()), None, act).result(10)
        assert ann is not None
        for maker in ("ann", "command-line"):
            made = Credential(f"by {maker}", now, expires_at=now + timedelta(days=1), issued_by=maker)
            assert store.credentials.add(made, None, None, act).result(10)
        assert store.credentials.of_user(ann.id, now) == []
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("DROP INDEX entities_sought")
        for column in ("sought", "digits"):
            connection.execute(f"ALTER TABLE entities DROP COLUMN {column}")
        connection.execute("DROP INDEX tokens_user")
        connection.execute("ALTER TABLE tokens DROP COLUMN user")
        connection.execute("DROP INDEX users_identity")
        for column in ("issuer", "subject"):
            connection.execute(f"ALTER TABLE users DROP COLUMN {column}")
        connection.execute("UPDATE alembic_version SET version_num = '0019'")
    with closing(SQLiteStore(path)) as store:
        assert [each.jti for each in store.credentials.of_user(ann.id, now)] == ["by ann"]
