"""The tables as they were in an earlier version, for tests of what a migration makes of them."""

import sqlite3

AUDIT_COLUMNS = ("role", "address", "session", "location", "before", "after", "hash")


def take_back_to_0015(connection: sqlite3.Connection) -> None:
    """Take away what the migrations after 0015 add; the entries of the audit log stay."""
    for trigger in ("events_assigned", "events_deal_contact", "audit_insert"):
        connection.execute(f"DROP TRIGGER {trigger}")
    for table in (
        *("assignments", "deal_contacts", "erasures", "field_retention"),
        *("invitations", "sessions", "grants", "users", "views"),
    ):
        connection.execute(f"DROP TABLE {table}")
    if connection.execute("SELECT 1 FROM pragma_table_info('store') WHERE name = 'wiped'").fetchone():
        connection.execute("ALTER TABLE store DROP COLUMN wiped")
    connection.execute("DROP INDEX entities_sought")
    for column in ("sought", "digits"):
        connection.execute(f"ALTER TABLE entities DROP COLUMN {column}")
    connection.execute("DROP INDEX tokens_user")
    connection.execute("ALTER TABLE tokens DROP COLUMN user")
    connection.execute("DROP INDEX audit_what")
    for column in AUDIT_COLUMNS:
        connection.execute(f"ALTER TABLE audit DROP COLUMN {column}")
