"""Up to when events of a log were removed for good, so that queries that need them are refused, not answered wrong."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.add_column("logs", sa.Column("lost", sa.Integer))
