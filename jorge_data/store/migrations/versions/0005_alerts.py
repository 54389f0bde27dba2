"""Alerts by time with the contact and the property that each names, so that counting them reads no event."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    named = [sa.text(f"(body ->> '$.data.{name}')") for name in ("contact_id", "property_id")]
    where = sa.text("type = 'property_alert'")
    op.create_index("events_alerts", "events", ["log", "time", *named], sqlite_where=where)
