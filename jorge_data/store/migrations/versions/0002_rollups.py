"""Rollups, entities, their facts, words and the watermark; and the events of one kind in order of time."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def _dims() -> list[sa.Column[str]]:
    return [sa.Column(f"d{index}", sa.String(128), nullable=False, server_default="") for index in range(8)]


def upgrade() -> None:
    _rollups()
    _entities()
    _facts()
    op.create_table(
        "watermarks",
        sa.Column("log", sa.Integer, sa.ForeignKey("logs.id"), primary_key=True),
        sa.Column("epoch", sa.String(32), nullable=False),
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("rules", sa.String(128), nullable=False),
        sa.Column("newest", sa.Integer, nullable=False),
        sa.Column("minutes_from", sa.Integer, nullable=False),
    )
    op.create_table(
        "words",
        sa.Column("log", sa.Integer, sa.ForeignKey("logs.id"), primary_key=True),
        sa.Column("kind", sa.String(64), primary_key=True),
        sa.Column("dim", sa.String(64), primary_key=True),
        sa.Column("value", sa.String(128), primary_key=True),
        sqlite_with_rowid=False,
    )
    op.create_index("events_time", "events", ["log", "type", "time"])
    analyses = sa.text("type = 'intent_analysis_complete'")
    op.create_index("events_analysis", "events", ["log", "id"], sqlite_where=analyses)


def _rollups() -> None:
    dims = [f"d{index}" for index in range(8)]
    op.create_table(
        "rollups",
        sa.Column("log", sa.Integer, sa.ForeignKey("logs.id"), nullable=False),
        sa.Column("kind", sa.String(64), nullable=False),
        sa.Column("measure", sa.String(64), nullable=False),
        sa.Column("grain", sa.String(8), nullable=False),
        sa.Column("bucket", sa.Integer, nullable=False),
        *_dims(),
        sa.Column("n", sa.Integer, nullable=False),
        sa.Column("sum", sa.Integer, nullable=False),
        sa.Column("lo", sa.Integer),
        sa.Column("hi", sa.Integer),
        sa.Column("sketch", sa.Text),
        sa.PrimaryKeyConstraint("log", "kind", "measure", "grain", "bucket", *dims),
        sqlite_with_rowid=False,
    )
    op.create_index("rollups_empty", "rollups", ["log"], sqlite_where=sa.text("n = 0"))


def _entities() -> None:
    op.create_table(
        "entities",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("log", sa.Integer, sa.ForeignKey("logs.id"), nullable=False),
        sa.Column("family", sa.String(16), nullable=False),
        sa.Column("key", sa.String(128), nullable=False),
        sa.Column("at", sa.Integer, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("value", sa.Integer),
        sa.Column("status", sa.String(64)),
        sa.Column("summary", sa.Text, nullable=False),
        sa.Column("state", sa.LargeBinary, nullable=False),
        sa.UniqueConstraint("log", "family", "key", name="entities_key"),
    )
    for column in ("at", "name", "value"):
        op.create_index(f"entities_{column}", "entities", ["log", "family", column])


def _facts() -> None:
    op.create_table(
        "facts",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("log", sa.Integer, sa.ForeignKey("logs.id"), nullable=False),
        sa.Column("kind", sa.String(64), nullable=False),
        sa.Column("at", sa.Integer, nullable=False),
        sa.Column("entity", sa.String(128), nullable=False),
        *_dims(),
        sa.Column("measures", sa.Text, nullable=False),
    )
    op.create_index("facts_time", "facts", ["log", "kind", "at"])
    op.create_index("facts_entity", "facts", ["log", "kind", "entity", "at"])
