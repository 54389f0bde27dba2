"""No checkpoints of the live state: the wall asks what is folded, which is in the store."""

from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.execute("DROP TABLE IF EXISTS checkpoints")
