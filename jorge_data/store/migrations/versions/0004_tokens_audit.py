"""Tokens that were made or revoked, and the audit log, which SQLite itself keeps from being changed."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "tokens",
        sa.Column("jti", sa.String(128), primary_key=True),
        sa.Column("subject", sa.String(128)),
        sa.Column("role", sa.String(16)),
        sa.Column("location", sa.String(128)),
        sa.Column("issued_at", sa.Integer, nullable=False),
        sa.Column("expires_at", sa.Integer),
        sa.Column("issued_by", sa.String(128)),
        sa.Column("revoked_at", sa.Integer),
    )
    op.create_index("tokens_issued", "tokens", ["issued_at"])
    op.create_table(
        "audit",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("at", sa.Integer, nullable=False),
        sa.Column("by", sa.String(128), nullable=False),
        sa.Column("act", sa.String(32), nullable=False),
        sa.Column("what", sa.Text, nullable=False),
    )
    for change in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER audit_{change.lower()} BEFORE {change} ON audit"
            " BEGIN SELECT RAISE(ABORT, 'the audit log only grows'); END"
        )
