"""The tables: logs and their events, what is folded from them, deliveries, tokens, users, views and the audit log."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Computed,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
    true,
)

metadata = MetaData()

Whole = Integer().with_variant(BigInteger(), "postgresql")
"""A whole number of 64 bits, as SQLite's are whatever their column says."""

DIMS = 8
"""Most dimensions that a fact has; those that its kind does not have are empty."""


def _dims() -> list[Column[str]]:
    return [Column(f"d{index}", String(128), nullable=False, server_default="") for index in range(DIMS)]


logs = Table(
    "logs",
    metadata,
    Column("id", Whole, primary_key=True),
    Column("location", String(128), nullable=False, unique=True),
    Column("epoch", String(32), nullable=False),
    Column("oldest", Whole, nullable=False),
    Column("top", Whole, nullable=False),
    Column("lost", Whole, comment="time of the newest event that was removed without being archived"),
)

store = Table(
    "store",
    metadata,
    Column("id", String(32), primary_key=True, comment="one row: the name by which the mark knows the store"),
    Column("probed_at", Whole, comment="when it was last tried whether the store can be written"),
    Column("wiped", Boolean, nullable=False, server_default=true(), comment="free space of the file holds no old text"),
)

former_epochs = Table(
    "former_epochs",
    metadata,
    Column("log", Whole, ForeignKey("logs.id"), primary_key=True),
    Column("epoch", String(32), primary_key=True),
    Column("before", Whole, nullable=False, comment="what is archived of that epoch below this is the log's"),
    sqlite_with_rowid=False,
)

events = Table(
    "events",
    metadata,
    Column("log", Whole, ForeignKey("logs.id"), primary_key=True),
    Column("seq", Whole, primary_key=True, autoincrement=False),
    Column("source", String(128), nullable=False),
    Column("id", String(128), nullable=False),
    Column("type", String(64), nullable=False),
    Column("subject", String(128)),
    Column("time", Whole, nullable=False, comment="microseconds since 1970, UTC"),
    Column("body", Text, nullable=False, comment="the event's JSON without its position"),
    Column("contact", Text, Computed("body ->> '$.data.contact_id'", persisted=False)),
    Column("property", Text, Computed("body ->> '$.data.property_id'", persisted=False)),
    UniqueConstraint("log", "source", "id", name="events_name"),
    Index("events_subject", "log", "subject", "seq"),
    Index("events_time", "log", "type", "time"),
    Index("events_analysis", "log", "id", sqlite_where=text("type = 'intent_analysis_complete'")),
    Index("events_alerts_contact", "log", "contact", "time", sqlite_where=text("type = 'property_alert'")),
    Index("events_alerts_property", "log", "property", "time", sqlite_where=text("type = 'property_alert'")),
    sqlite_with_rowid=False,
)

namings = Table(
    "namings",
    metadata,
    Column("log", Whole, ForeignKey("logs.id"), primary_key=True),
    Column("field", String(64), primary_key=True),
    Column("name", String(128), primary_key=True),
    Column("standing", Whole, nullable=False, comment="minus its alerts, so that the most named come first"),
    Index("namings_order", "log", "field", "standing", "name"),
    sqlite_with_rowid=False,
)

assignments = Table(
    "assignments",
    metadata,
    Column("log", Whole, ForeignKey("logs.id"), primary_key=True),
    Column("contact", String(128), primary_key=True),
    Column("agent", Text, nullable=False, comment="empty where the contact is nobody's"),
    Column("at", Whole, nullable=False, comment="time of the event that says so, microseconds since 1970"),
    Column("seq", Whole, nullable=False),
    Index("assignments_seq", "log", "seq"),
    sqlite_with_rowid=False,
)

deal_contacts = Table(
    "deal_contacts",
    metadata,
    Column("log", Whole, ForeignKey("logs.id"), primary_key=True),
    Column("deal", String(128), primary_key=True),
    Column("contact", String(128), nullable=False),
    Column("at", Whole, nullable=False, comment="time of the event that says so, microseconds since 1970"),
    Column("seq", Whole, nullable=False),
    sqlite_with_rowid=False,
)

rollups = Table(
    "rollups",
    metadata,
    Column("log", Whole, ForeignKey("logs.id"), nullable=False),
    Column("kind", String(64), nullable=False),
    Column("measure", String(64), nullable=False, comment="empty for the row that counts facts"),
    Column("grain", String(8), nullable=False),
    Column("bucket", Whole, nullable=False, comment="its start, microseconds since 1970"),
    *_dims(),
    Column("n", Whole, nullable=False),
    Column("sum", Whole, nullable=False, comment="scaled, so that adding is exact"),
    Column("lo", Whole),
    Column("hi", Whole),
    Column("sketch", Text, comment="JSON: log bucket to count"),
    PrimaryKeyConstraint("log", "kind", "measure", "grain", "bucket", *(f"d{index}" for index in range(DIMS))),
    Index("rollups_empty", "log", sqlite_where=text("n = 0")),
    sqlite_with_rowid=False,
)

SEARCHED = frozenset({"contact", "deal"})
"""The families of entities that somebody searches for."""

SEARCH_INDEX = "log", "family", "at", "id", "key", "sought", "digits"
"""All that a search asks of an entity, the newest in order, so that no entity itself is read to find one."""

entities = Table(
    "entities",
    metadata,
    Column("id", Whole, primary_key=True),
    Column("log", Whole, ForeignKey("logs.id"), nullable=False),
    Column("family", String(16), nullable=False),
    Column("key", String(128), nullable=False),
    Column("at", Whole, nullable=False, comment="its newest event, microseconds since 1970"),
    Column("name", Text, nullable=False),
    Column("value", Whole),
    Column("status", String(64)),
    Column("summary", Text, nullable=False, comment="JSON, as lists show it"),
    Column("state", LargeBinary, nullable=False, comment="for lists pass over it"),
    Column("sought", Text, comment="what a search looks through; null where nobody searches"),
    Column("digits", Text, comment="and of its telephone number"),
    UniqueConstraint("log", "family", "key", name="entities_key"),
    Index("entities_at", "log", "family", "at"),
    Index("entities_status", "log", "family", "status", "value", "id", "at"),
    Index("entities_name", "log", "family", "name"),
    Index("entities_sought", *SEARCH_INDEX, sqlite_where=text("sought IS NOT NULL")),
)

facts = Table(
    "facts",
    metadata,
    Column("id", Whole, primary_key=True),
    Column("log", Whole, ForeignKey("logs.id"), nullable=False),
    Column("kind", String(64), nullable=False),
    Column("at", Whole, nullable=False, comment="microseconds since 1970"),
    Column("entity", String(128), nullable=False),
    *_dims(),
    Column("measures", Text, nullable=False, comment="JSON: measure to scaled integer"),
    Index("facts_time", "log", "kind", "at"),
    Index("facts_entity", "log", "kind", "entity", "at"),
)

watermarks = Table(
    "watermarks",
    metadata,
    Column("log", Whole, ForeignKey("logs.id"), primary_key=True),
    Column("epoch", String(32), nullable=False),
    Column("seq", Whole, nullable=False, comment="up to here the log is folded"),
    Column("rules", String(128), nullable=False, comment="by which rules it was"),
    Column("newest", Whole, nullable=False, comment="time of the newest event, microseconds since 1970"),
    Column("minutes_from", Whole, nullable=False, comment="rows of minutes before this are gone"),
    Column("mixed", Boolean, nullable=False, server_default=false(), comment="some is counted by other rules"),
    Column("left_out", Text, nullable=False, server_default="", comment="archived files not read, a line each"),
)

words = Table(
    "words",
    metadata,
    Column("log", Whole, ForeignKey("logs.id"), primary_key=True),
    Column("kind", String(64), primary_key=True),
    Column("dim", String(64), primary_key=True),
    Column("value", String(128), primary_key=True, comment="a value that counts under its own name"),
    sqlite_with_rowid=False,
)

FOLDED = rollups, entities, facts, words
"""What is folded from the events, and can be folded again."""


erasures = Table(
    "erasures",
    metadata,
    Column("id", Whole, primary_key=True),
    Column("location", String(128), nullable=False),
    Column("contact", String(128), nullable=False),
    Column("contacts", Text, nullable=False, comment="JSON: every id of that person, what comes of them is erased too"),
    Column("asked_at", Whole, nullable=False, comment="microseconds since 1970, UTC"),
    Column("asked_by", String(128), nullable=False),
    Column("plan", Text, comment="JSON: key, names, numbers; null once nothing is left to be found by them"),
    Column("done_at", Whole),
    Index("erasures_location", "location"),
)

field_retention = Table(
    "field_retention",
    metadata,
    Column("location", String(128), primary_key=True),
    Column("field", String(32), primary_key=True),
    Column("until", Whole, nullable=False, comment="what happened before was looked at; microseconds since 1970"),
    Column("seen", Whole, nullable=False, comment="the log's top of then: what came later may be old as well"),
    Column("at", Whole, nullable=False, comment="when: an archived file that was changed later is read again"),
    sqlite_with_rowid=False,
)

tokens = Table(
    "tokens",
    metadata,
    Column("jti", String(128), primary_key=True),
    Column("subject", String(128), comment="null, like role and expires_at, of a token that was made elsewhere"),
    Column("role", String(16)),
    Column("location", String(128), comment="null where the token is bound to none"),
    Column("issued_at", Whole, nullable=False, comment="microseconds since 1970, UTC, like the other moments"),
    Column("expires_at", Whole),
    Column("issued_by", String(128)),
    Column("revoked_at", Whole),
    Column("user", Whole, comment="who made it, or the token that made it, or that one; null: no user"),
    Index("tokens_issued", "issued_at"),
    Index("tokens_user", "user"),
)

users = Table(
    "users",
    metadata,
    Column("id", Whole, primary_key=True),
    Column("name", String(128), nullable=False, unique=True, comment="by which they come in, in small letters"),
    Column("display_name", String(128), nullable=False),
    Column("login", String(16), nullable=False, comment="password, or other: by who vouches for them"),
    Column("password", Text, comment="its argon2 hash; null until one is chosen"),
    Column("added_at", Whole, nullable=False, comment="microseconds since 1970, UTC, like the other moments"),
    Column("disabled_at", Whole),
    Column("issuer", Text, comment="the provider by which they came in first, and who they are there; null: not yet"),
    Column("subject", Text),
    Index("users_identity", "issuer", "subject", unique=True),
)

grants = Table(
    "grants",
    metadata,
    Column("user", Whole, ForeignKey("users.id"), primary_key=True),
    Column("location", String(128), primary_key=True, comment="empty: every one that has no grant of its own"),
    Column("role", String(16), nullable=False),
    Column("agent_id", String(128)),
    sqlite_with_rowid=False,
)

sessions = Table(
    "sessions",
    metadata,
    Column("id", String(64), primary_key=True, comment="a hash of what the browser holds, which is nowhere here"),
    Column("user", Whole, ForeignKey("users.id"), nullable=False),
    Column("login", String(16), nullable=False, comment="password, oidc or proxy"),
    Column("address", String(64), comment="from where they came in"),
    Column("began_at", Whole, nullable=False),
    Column("used_at", Whole, nullable=False, comment="to a minute or so"),
    Column("ends_at", Whole, nullable=False, comment="at the latest"),
    Column("ended_at", Whole),
    Index("sessions_user", "user"),
)

invitations = Table(
    "invitations",
    metadata,
    Column("id", String(64), primary_key=True, comment="a hash of what the link holds"),
    Column("user", Whole, ForeignKey("users.id"), comment="null: for the first user of all"),
    Column("ends_at", Whole, nullable=False),
)

audit = Table(
    "audit",
    metadata,
    Column("id", Whole, primary_key=True),
    Column("at", Whole, nullable=False, comment="microseconds since 1970, UTC"),
    Column("by", String(128), nullable=False),
    Column("act", String(32), nullable=False),
    Column("what", Text, nullable=False),
    Column("role", String(16), nullable=False, server_default="", comment="empty where nobody's token did it"),
    Column("address", String(64), nullable=False, server_default="", comment="from where"),
    Column("session", String(64), nullable=False, server_default="", comment="by which login, or `token` and by which"),
    Column("location", String(128), nullable=False, server_default="", comment="empty of what is of none"),
    Column("before", Text, comment="JSON, without a contact's personal fields: it is for ever"),
    Column("after", Text),
    Column("hash", String(64), nullable=False, server_default="", comment="of this entry and of all before it"),
    Index("audit_what", "act", "what"),
)

views = Table(
    "views",
    metadata,
    Column("id", Whole, primary_key=True),
    Column("owner", String(128), nullable=False, comment="who saved it; empty of one from before there were owners"),
    Column("name", String(128), nullable=False),
    Column("page", String(32), nullable=False, comment="the page's path"),
    Column("parameters", Text, nullable=False, comment="JSON: the link's, by name"),
    Column("shared", Boolean, nullable=False),
    Column("location", String(128), comment="whose readers see it where it is shared; null: everybody"),
    Column("saved_at", Whole, nullable=False, comment="microseconds since 1970, UTC"),
    UniqueConstraint("owner", "name", name="views_name"),
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", Whole, primary_key=True),
    Column("location", String(128), nullable=False),
    Column("vendor", String(32), nullable=False),
    Column("key", String(128), nullable=False),
    Column("type", String(128), nullable=False),
    Column("received_at", Whole, nullable=False, comment="microseconds since 1970, UTC"),
    Column("state", String(16), nullable=False, comment="pending, translated, failed or ignored"),
    Column("error", Text),
    Column("events", Whole, nullable=False, comment="how many events it became"),
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
