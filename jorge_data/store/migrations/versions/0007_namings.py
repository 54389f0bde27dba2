"""How often each contact and property was ever named by an alert, so that ranking them in a span reads few alerts."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

NAMED = {"contact": "contact_id", "property": "property_id"}

COUNT = """
INSERT INTO namings SELECT log, '<field>', <column>, -count(*) FROM events INDEXED BY events_alerts_<column>
WHERE type = 'property_alert' AND <column> IS NOT NULL GROUP BY log, <column>
"""
COUNT_ON = """
CREATE TRIGGER events_<column>_named AFTER INSERT ON events
WHEN new.type = 'property_alert' AND new.<column> IS NOT NULL BEGIN
    INSERT INTO namings VALUES (new.log, '<field>', new.<column>, -1)
    ON CONFLICT DO UPDATE SET standing = standing - 1;
END
"""
FORGET = """
CREATE TRIGGER events_<column>_forgotten AFTER DELETE ON events WHEN old.type = 'property_alert' BEGIN
    UPDATE namings SET standing = standing + 1 WHERE log = old.log AND field = '<field>' AND name = old.<column>;
    DELETE FROM namings WHERE log = old.log AND field = '<field>' AND name = old.<column> AND standing = 0;
END
"""
"""Triggers, so that whatever appends or removes an alert counts it, in the same transaction."""


def upgrade() -> None:
    op.create_table(
        "namings",
        sa.Column("log", sa.Integer, sa.ForeignKey("logs.id"), primary_key=True),
        sa.Column("field", sa.String(64), primary_key=True),
        sa.Column("name", sa.String(128), primary_key=True),
        sa.Column("standing", sa.Integer, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("namings_order", "namings", ["log", "field", "standing", "name"])
    op.drop_index("events_alerts", "events")
    for column, field in NAMED.items():
        where = sa.text("type = 'property_alert'")
        op.create_index(f"events_alerts_{column}", "events", ["log", column, "time"], sqlite_where=where)
        for statement in (COUNT, COUNT_ON, FORGET):
            op.execute(statement.replace("<column>", column).replace("<field>", field))
