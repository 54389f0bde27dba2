"""Whose each contact is, and of which contact each deal: from the events, the CRM's copies and the counted deals."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"

AGENT = """CASE
    WHEN json_type(<row>body, '$.data.assigned_to') = 'text' THEN <row>body ->> '$.data.assigned_to'
    WHEN json_type(<row>body, '$.data.changed.assigned_to.to') = 'text'
        THEN <row>body ->> '$.data.changed.assigned_to.to'
    WHEN json_type(<row>body, '$.data.changed.assigned_to.to') = 'null' THEN ''
END"""
NEWER = "at = excluded.at, seq = excluded.seq WHERE (excluded.at, excluded.seq) > (at, seq)"

FILL = tuple(
    statement.replace("<agent>", AGENT.replace("<row>", "e.")).replace("<newer>", NEWER)
    for statement in (
        # What the CRM said last of who has left the log: older than any event.
        "INSERT INTO assignments SELECT logs.id, c.id, c.body ->> '$.fields.assigned_to', 0, 0"
        " FROM crm_entities AS c JOIN logs ON logs.location = c.location"
        " WHERE c.kind = 'contact' AND json_type(c.body, '$.fields.assigned_to') = 'text'",
        "INSERT INTO assignments SELECT e.log, e.contact, <agent>, e.time, e.seq"
        " FROM logs CROSS JOIN events AS e INDEXED BY events_time ON e.log = logs.id AND e.type = 'contact_update'"
        " WHERE <agent> IS NOT NULL ON CONFLICT DO UPDATE SET agent = excluded.agent, <newer>",
        "INSERT INTO deal_contacts SELECT log, key, summary ->> '$.contact_id', 0, 0 FROM entities"
        " WHERE family = 'deal' AND summary ->> '$.contact_id' <> ''",
        "INSERT INTO deal_contacts"
        " SELECT e.log, e.body ->> '$.data.deal_id', coalesce(e.contact, e.subject), e.time, e.seq"
        " FROM logs CROSS JOIN events AS e INDEXED BY events_time ON e.log = logs.id AND e.type = 'commission_update'"
        " WHERE coalesce(e.contact, e.subject) IS NOT NULL"
        " ON CONFLICT DO UPDATE SET contact = excluded.contact, <newer>",
    )
)
"""Each reads the events of its kind alone, by their index."""

TRIGGERS = (
    """CREATE TRIGGER events_assigned AFTER INSERT ON events
    WHEN new.type = 'contact_update' AND <agent> IS NOT NULL BEGIN
        INSERT INTO assignments VALUES (new.log, new.contact, <agent>, new.time, new.seq)
        ON CONFLICT DO UPDATE SET agent = excluded.agent, at = excluded.at, seq = excluded.seq
        WHERE (excluded.at, excluded.seq) > (at, seq);
    END""".replace("<agent>", AGENT.replace("<row>", "new.")),
    """CREATE TRIGGER events_deal_contact AFTER INSERT ON events
    WHEN new.type = 'commission_update' AND coalesce(new.contact, new.subject) IS NOT NULL BEGIN
        INSERT INTO deal_contacts
        VALUES (new.log, new.body ->> '$.data.deal_id', coalesce(new.contact, new.subject), new.time, new.seq)
        ON CONFLICT DO UPDATE SET contact = excluded.contact, at = excluded.at, seq = excluded.seq
        WHERE (excluded.at, excluded.seq) > (at, seq);
    END""",
)


def upgrade() -> None:
    op.create_table(
        "assignments",
        sa.Column("log", sa.Integer, sa.ForeignKey("logs.id"), primary_key=True),
        sa.Column("contact", sa.String(128), primary_key=True),
        sa.Column("agent", sa.Text, nullable=False),
        sa.Column("at", sa.Integer, nullable=False),
        sa.Column("seq", sa.Integer, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("assignments_seq", "assignments", ["log", "seq"])
    op.create_table(
        "deal_contacts",
        sa.Column("log", sa.Integer, sa.ForeignKey("logs.id"), primary_key=True),
        sa.Column("deal", sa.String(128), primary_key=True),
        sa.Column("contact", sa.String(128), nullable=False),
        sa.Column("at", sa.Integer, nullable=False),
        sa.Column("seq", sa.Integer, nullable=False),
        sqlite_with_rowid=False,
    )
    # On the driver's own cursor: SQLAlchemy would take `:` in JSON's paths for parameters.
    for statement in (*FILL, *TRIGGERS):
        op.get_bind().exec_driver_sql(statement)
