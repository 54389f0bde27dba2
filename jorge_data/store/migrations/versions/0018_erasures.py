"""Erasures, how far each field was removed, and whether the file's free space holds text of before it was wiped."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    op.create_table(
        "erasures",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("location", sa.String(128), nullable=False),
        sa.Column("contact", sa.String(128), nullable=False),
        sa.Column("contacts", sa.Text, nullable=False),
        sa.Column("asked_at", sa.Integer, nullable=False),
        sa.Column("asked_by", sa.String(128), nullable=False),
        sa.Column("plan", sa.Text),
        sa.Column("done_at", sa.Integer),
    )
    op.create_index("erasures_location", "erasures", ["location"])
    op.create_table(
        "field_retention",
        sa.Column("location", sa.String(128), primary_key=True),
        sa.Column("field", sa.String(32), primary_key=True),
        sa.Column("until", sa.Integer, nullable=False),
        sa.Column("seen", sa.Integer, nullable=False),
        sa.Column("at", sa.Integer, nullable=False),
        sqlite_with_rowid=False,
    )
    op.add_column("store", sa.Column("wiped", sa.Boolean, nullable=False, server_default=sa.true()))
    op.execute("UPDATE store SET wiped = 0")  # what was deleted until now may still stand in the file
