"""The tables: logs, their events, and the checkpoints of what is reduced from them."""

from sqlalchemy import (
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

metadata = MetaData()

logs = Table(
    "logs",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("location", String(128), nullable=False, unique=True),
    Column("epoch", String(32), nullable=False),
    Column("oldest", Integer, nullable=False),
    Column("top", Integer, nullable=False),
)

events = Table(
    "events",
    metadata,
    Column("log", Integer, ForeignKey("logs.id"), primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("source", String(128), nullable=False),
    Column("id", String(128), nullable=False),
    Column("type", String(64), nullable=False),
    Column("subject", String(128)),
    Column("time", Integer, nullable=False, comment="microseconds since 1970, UTC"),
    Column("body", Text, nullable=False, comment="the event's JSON without its position"),
    UniqueConstraint("log", "source", "id", name="events_name"),
    Index("events_subject", "log", "subject", "seq"),
    sqlite_with_rowid=False,
)

checkpoints = Table(
    "checkpoints",
    metadata,
    Column("log", Integer, ForeignKey("logs.id"), primary_key=True),
    Column("name", String(64), primary_key=True),
    Column("epoch", String(32), nullable=False),
    Column("seq", Integer, nullable=False),
    Column("state", LargeBinary, nullable=False),
)
