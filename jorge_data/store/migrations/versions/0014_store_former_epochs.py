"""Which store this is, for the mark beside it; and the earlier epochs of a log, whose archived events are still its."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.create_table(
        "store",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("probed_at", sa.Integer),
    )
    op.create_table(
        "former_epochs",
        sa.Column("log", sa.Integer, sa.ForeignKey("logs.id"), primary_key=True),
        sa.Column("epoch", sa.String(32), primary_key=True),
        sa.Column("before", sa.Integer, nullable=False),
        sqlite_with_rowid=False,
    )
