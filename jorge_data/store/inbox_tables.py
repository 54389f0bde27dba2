"""The tables of the inbox: deliveries as they came, and the copies that their translation compares with."""

from sqlalchemy import Column, Index, Integer, String, Table, Text, UniqueConstraint

from jorge_data.store.tables import metadata

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("location", String(128), nullable=False),
    Column("vendor", String(32), nullable=False),
    Column("key", String(128), nullable=False),
    Column("type", String(128), nullable=False),
    Column("received_at", Integer, nullable=False, comment="microseconds since 1970, UTC"),
    Column("state", String(16), nullable=False, comment="pending, translated, failed or ignored"),
    Column("error", Text),
    Column("events", Integer, nullable=False, comment="how many events it became"),
    Column("body", Text, nullable=False, comment="the bytes that came, which were UTF-8"),
    UniqueConstraint("vendor", "key", name="deliveries_name"),
    Index("deliveries_state", "state"),
    Index("deliveries_location", "location"),
    Index("deliveries_counted", "location", "vendor", "type", "state", "received_at"),
)

crm_entities = Table(
    "crm_entities",
    metadata,
    Column("location", String(128), primary_key=True),
    Column("kind", String(32), primary_key=True),
    Column("id", String(256), primary_key=True),
    Column("body", Text, nullable=False, comment="JSON of the copy last seen"),
    sqlite_with_rowid=False,
)
