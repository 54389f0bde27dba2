"""The open deals in order of their value, by an index; no query used the one by value alone."""

from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    for name in ("value", "status"):
        op.execute(f"DROP INDEX IF EXISTS entities_{name}")
    op.create_index("entities_status", "entities", ["log", "family", "status", "value", "id", "at"])
