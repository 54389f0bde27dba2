"""Which of the archive's files a log was folded without, for they could not be read."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    op.add_column("watermarks", sa.Column("left_out", sa.Text, nullable=False, server_default=""))
