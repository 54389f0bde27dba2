"""Logs, their events, and checkpoints."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "logs",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("location", sa.String(128), nullable=False, unique=True),
        sa.Column("epoch", sa.String(32), nullable=False),
        sa.Column("oldest", sa.Integer, nullable=False),
        sa.Column("top", sa.Integer, nullable=False),
    )
    op.create_table(
        "events",
        sa.Column("log", sa.Integer, sa.ForeignKey("logs.id"), primary_key=True),
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("source", sa.String(128), nullable=False),
        sa.Column("id", sa.String(128), nullable=False),
        sa.Column("type", sa.String(64), nullable=False),
        sa.Column("subject", sa.String(128)),
        sa.Column("time", sa.Integer, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.UniqueConstraint("log", "source", "id", name="events_name"),
        sqlite_with_rowid=False,
    )
    op.create_index("events_subject", "events", ["log", "subject", "seq"])
    op.create_table(
        "checkpoints",
        sa.Column("log", sa.Integer, sa.ForeignKey("logs.id"), primary_key=True),
        sa.Column("name", sa.String(64), primary_key=True),
        sa.Column("epoch", sa.String(32), nullable=False),
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("state", sa.LargeBinary, nullable=False),
    )
