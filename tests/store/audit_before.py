"""The tables as they were before the audit log had a chain, for tests that walk them back."""

import sqlite3

ADDED = ("role", "address", "session", "location", "before", "after", "hash")


def forget_the_chain(connection: sqlite3.Connection) -> None:
    """Take away what the migrations after 0015 add; the entries of the audit log stay."""
    for table in ("invitations", "sessions", "grants", "users", "views"):
        connection.execute(f"DROP TABLE {table}")
    connection.execute("DROP INDEX audit_what")
    connection.execute("DROP TRIGGER audit_insert")
    for column in ADDED:
        connection.execute(f"ALTER TABLE audit DROP COLUMN {column}")
