"""The tables of access: tokens as they were made and revoked, never themselves; and who did what."""

from sqlalchemy import Column, Index, Integer, String, Table, Text

from jorge_data.store.tables import create_with, metadata

tokens = Table(
    "tokens",
    metadata,
    Column("jti", String(128), primary_key=True),
    Column("subject", String(128), comment="null, like role and expires_at, of a token that was made elsewhere"),
    Column("role", String(16)),
    Column("location", String(128), comment="null where the token is bound to none"),
    Column("issued_at", Integer, nullable=False, comment="microseconds since 1970, UTC, like the other moments"),
    Column("expires_at", Integer),
    Column("issued_by", String(128)),
    Column("revoked_at", Integer),
    Index("tokens_issued", "issued_at"),
)

audit = Table(
    "audit",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", Integer, nullable=False, comment="microseconds since 1970, UTC"),
    Column("by", String(128), nullable=False),
    Column("act", String(32), nullable=False),
    Column("what", Text, nullable=False),
)

for change in ("UPDATE", "DELETE"):
    trigger = (
        f"CREATE TRIGGER audit_{change.lower()} BEFORE {change} ON audit"
        " BEGIN SELECT RAISE(ABORT, 'the audit log only grows'); END"
    )
    create_with(audit, trigger)
