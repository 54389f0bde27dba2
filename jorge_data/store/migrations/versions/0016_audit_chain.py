"""Who, from where, before and after in the audit log, and a hash of each entry and of all before it; saved views."""

from hashlib import sha256

import orjson
import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"

TRIGGERS = (
    "CREATE TRIGGER audit_update BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'the audit log only grows'); END",
    "CREATE TRIGGER audit_delete BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'the audit log only grows'); END",
    "CREATE TRIGGER audit_insert BEFORE INSERT ON audit"
    " WHEN new.id IS NOT (SELECT coalesce(max(id), 0) + 1 FROM audit)"
    " BEGIN SELECT RAISE(ABORT, 'the audit log only grows'); END",
)
ADDED = (
    sa.Column("role", sa.String(16), nullable=False, server_default=""),
    sa.Column("address", sa.String(64), nullable=False, server_default=""),
    sa.Column("session", sa.String(64), nullable=False, server_default=""),
    sa.Column("location", sa.String(128), nullable=False, server_default=""),
    sa.Column("before", sa.Text),
    sa.Column("after", sa.Text),
    sa.Column("hash", sa.String(64), nullable=False, server_default=""),
)
ROWS = "SELECT id, at, by, role, address, session, location, act, what, before, after FROM audit ORDER BY id"


def upgrade() -> None:
    for change in ("update", "delete"):
        op.execute(f"DROP TRIGGER audit_{change}")
    for column in ADDED:
        op.add_column("audit", column)
    _chain()
    op.create_index("audit_what", "audit", ["act", "what"])
    for trigger in TRIGGERS:
        op.execute(trigger)
    op.create_table(
        "views",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("owner", sa.String(128), nullable=False),
        sa.Column("name", sa.String(128), nullable=False),
        sa.Column("page", sa.String(32), nullable=False),
        sa.Column("parameters", sa.Text, nullable=False),
        sa.Column("shared", sa.Boolean, nullable=False),
        sa.Column("location", sa.String(128)),
        sa.Column("saved_at", sa.Integer, nullable=False),
        sa.UniqueConstraint("owner", "name", name="views_name"),
    )


def _chain() -> None:
    """Chain what was written before there was a chain, in the order in which it was."""
    connection, hashed = op.get_bind(), "0" * 64
    rows = connection.exec_driver_sql(ROWS).all()
    for number, (was, *columns) in enumerate(rows, 1):  # it goes up, so that a number is free when it is given
        hashed = sha256(hashed.encode() + orjson.dumps((number, *columns))).hexdigest()
        connection.exec_driver_sql("UPDATE audit SET id = ?, hash = ? WHERE id = ?", (number, hashed, was))
