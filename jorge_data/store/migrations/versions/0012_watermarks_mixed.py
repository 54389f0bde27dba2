"""Whether a log counts by rules of several times: one that lost events may, and cannot be folded anew."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.add_column("watermarks", sa.Column("mixed", sa.Boolean, nullable=False, server_default=sa.false()))
    op.execute("UPDATE watermarks SET mixed = 1 WHERE log IN (SELECT id FROM logs WHERE lost IS NOT NULL)")
