"""An index of what entities are: the open deals of an office, and how many they are, without reading all of them."""

from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.create_index("entities_status", "entities", ["log", "family", "status", "at"])
