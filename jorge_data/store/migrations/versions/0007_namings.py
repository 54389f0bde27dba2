"""How often each contact and property was ever named by an alert, so that ranking them in a span reads few alerts."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

NAMED = {"contact": "contact_id", "property": "property_id"}

COUNT = """
INSERT INTO namings SELECT log, '<field>', <column>, -count(*) FROM events
WHERE type = 'property_alert' AND <column> IS NOT NULL GROUP BY log, <column>
"""
COUNT_ON = """
CREATE TRIGGER events_named_<column> AFTER INSERT ON events WHEN new.type = 'property_alert' BEGIN
    INSERT INTO namings SELECT new.log, '<field>', new.body ->> '$.data.<field>', -1
    WHERE new.body ->> '$.data.<field>' IS NOT NULL ON CONFLICT DO UPDATE SET standing = standing - 1;
END
"""
"""A trigger, so that whatever appends an alert counts it, in the same transaction."""


def upgrade() -> None:
    op.create_table(
        "namings",
        sa.Column("log", sa.Integer, sa.ForeignKey("logs.id"), primary_key=True),
        sa.Column("field", sa.String(64), primary_key=True),
        sa.Column("name", sa.String(128), primary_key=True),
        sa.Column("standing", sa.Integer, nullable=False),
        sqlite_with_rowid=False,
    )
    op.drop_index("events_alerts", "events")
    for column, field in NAMED.items():
        for statement in (COUNT, COUNT_ON):
            op.execute(statement.replace("<column>", column).replace("<field>", field))
        where = sa.text("type = 'property_alert'")
        op.create_index(f"events_alerts_{column}", "events", ["log", column, "time"], sqlite_where=where)
    op.create_index("namings_order", "namings", ["log", "field", "standing", "name"])
