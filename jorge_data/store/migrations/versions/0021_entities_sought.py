"""What a search looks through of contacts and deals, in columns and one index, instead of in the JSON of each."""

import sqlalchemy as sa
from alembic import op

from jorge_data.store.sqlite.search import sought

revision = "0021"
down_revision = "0020"

SOME = """
SELECT id, family, key, name, summary FROM entities
WHERE id > ? AND family IN ('contact', 'deal') ORDER BY id LIMIT 5000
"""


def upgrade() -> None:
    op.add_column("entities", sa.Column("sought", sa.Text))
    op.add_column("entities", sa.Column("digits", sa.Text))
    bound = op.get_bind()
    after = 0
    while rows := bound.exec_driver_sql(SOME, (after,)).all():
        found_by = [(*found, row[0]) for row in rows if (found := sought(*row[1:]))]
        bound.exec_driver_sql("UPDATE entities SET sought = ?, digits = ? WHERE id = ?", found_by)
        after = rows[-1][0]
    op.create_index(
        "entities_sought",
        "entities",
        ["log", "family", "at", "id", "key", "sought", "digits"],
        sqlite_where=sa.text("sought IS NOT NULL"),
    )
