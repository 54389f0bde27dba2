"""The contact and the property of an alert as columns of their own: an index of expressions still read the events."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.drop_index("events_alerts", "events")
    for column, field in (("contact", "contact_id"), ("property", "property_id")):
        op.add_column("events", sa.Column(column, sa.Text, sa.Computed(f"body ->> '$.data.{field}'", persisted=False)))
    where = sa.text("type = 'property_alert'")
    op.create_index("events_alerts", "events", ["log", "time", "contact", "property"], sqlite_where=where)
