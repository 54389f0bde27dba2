"""Users, what they are granted, their sessions, and the links by which they choose a password."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    op.create_table(
        "users",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("name", sa.String(128), nullable=False, unique=True),
        sa.Column("display_name", sa.String(128), nullable=False),
        sa.Column("login", sa.String(16), nullable=False),
        sa.Column("password", sa.Text),
        sa.Column("added_at", sa.Integer, nullable=False),
        sa.Column("disabled_at", sa.Integer),
    )
    op.create_table(
        "grants",
        sa.Column("user", sa.Integer, sa.ForeignKey("users.id"), primary_key=True),
        sa.Column("location", sa.String(128), primary_key=True),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("agent_id", sa.String(128)),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "sessions",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("user", sa.Integer, sa.ForeignKey("users.id"), nullable=False),
        sa.Column("login", sa.String(16), nullable=False),
        sa.Column("address", sa.String(64)),
        sa.Column("began_at", sa.Integer, nullable=False),
        sa.Column("used_at", sa.Integer, nullable=False),
        sa.Column("ends_at", sa.Integer, nullable=False),
        sa.Column("ended_at", sa.Integer),
    )
    op.create_index("sessions_user", "sessions", ["user"])
    op.create_table(
        "invitations",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("user", sa.Integer, sa.ForeignKey("users.id")),
        sa.Column("ends_at", sa.Integer, nullable=False),
    )
