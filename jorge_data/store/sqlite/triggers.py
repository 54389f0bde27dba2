"""What SQLite does by itself as rows come and go, and the statement by which events come."""

from sqlalchemy import Connection, MetaData, Table, event

from jorge_data.store.sql.tables import audit, metadata


def create_with(made: MetaData | Table, trigger: str) -> None:
    """Have a trigger made right after a table, or after all of them."""

    def create(made: MetaData | Table, connection: Connection, **given: object) -> None:
        connection.exec_driver_sql(trigger)

    event.listen(made, "after_create", create)


INSERT_EVENTS = (
    "INSERT INTO events (log, seq, source, id, type, subject, time, body)"
    " SELECT ?, value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6"
    " FROM json_each(?)"
)
"""Events of one log, in one JSON text: [position, source, id, kind, subject, time, body] of each."""

NAMING_TRIGGERS = tuple(
    statement.replace("<column>", column).replace("<field>", field)
    for column, field in (("contact", "contact_id"), ("property", "property_id"))
    for statement in (
        """CREATE TRIGGER events_<column>_named AFTER INSERT ON events
        WHEN new.type = 'property_alert' AND new.<column> IS NOT NULL BEGIN
            INSERT INTO namings VALUES (new.log, '<field>', new.<column>, -1)
            ON CONFLICT DO UPDATE SET standing = standing - 1;
        END""",
        """CREATE TRIGGER events_<column>_forgotten AFTER DELETE ON events WHEN old.type = 'property_alert' BEGIN
            UPDATE namings SET standing = standing + 1
                WHERE log = old.log AND field = '<field>' AND name = old.<column>;
            DELETE FROM namings WHERE log = old.log AND field = '<field>' AND name = old.<column> AND standing = 0;
        END""",
    )
)
"""Triggers, so that whatever appends or removes an alert counts it, in the same transaction."""

for naming_trigger in NAMING_TRIGGERS:
    create_with(metadata, naming_trigger)  # not with one table: it speaks of two

AGENT = """CASE
    WHEN json_type(<row>.body, '$.data.assigned_to') = 'text' THEN <row>.body ->> '$.data.assigned_to'
    WHEN json_type(<row>.body, '$.data.changed.assigned_to.to') = 'text'
        THEN <row>.body ->> '$.data.changed.assigned_to.to'
    WHEN json_type(<row>.body, '$.data.changed.assigned_to.to') = 'null' THEN ''
END"""
"""The agent that an event gives a contact to, null where it says nothing of it; as `assignment_in` reads it."""

ASSIGNMENT_TRIGGERS = (
    """CREATE TRIGGER events_assigned AFTER INSERT ON events
    WHEN new.type = 'contact_update' AND <agent> IS NOT NULL BEGIN
        INSERT INTO assignments VALUES (new.log, new.contact, <agent>, new.time, new.seq)
        ON CONFLICT DO UPDATE SET agent = excluded.agent, at = excluded.at, seq = excluded.seq
        WHERE (excluded.at, excluded.seq) > (at, seq);
    END""".replace("<agent>", AGENT.replace("<row>", "new")),
    """CREATE TRIGGER events_deal_contact AFTER INSERT ON events
    WHEN new.type = 'commission_update' AND coalesce(new.contact, new.subject) IS NOT NULL BEGIN
        INSERT INTO deal_contacts
        VALUES (new.log, new.body ->> '$.data.deal_id', coalesce(new.contact, new.subject), new.time, new.seq)
        ON CONFLICT DO UPDATE SET contact = excluded.contact, at = excluded.at, seq = excluded.seq
        WHERE (excluded.at, excluded.seq) > (at, seq);
    END""",
)
"""Triggers, so that whatever appends says in the same transaction whose a contact is; retention takes none of it."""

for assignment_trigger in ASSIGNMENT_TRIGGERS:
    create_with(metadata, assignment_trigger)

AUDIT_TRIGGERS = (
    *(
        f"CREATE TRIGGER audit_{change.lower()} BEFORE {change} ON audit"
        " BEGIN SELECT RAISE(ABORT, 'the audit log only grows'); END"
        for change in ("UPDATE", "DELETE")
    ),
    # What replaces a row removes it without the trigger above.
    "CREATE TRIGGER audit_insert BEFORE INSERT ON audit"
    " WHEN new.id IS NOT (SELECT coalesce(max(id), 0) + 1 FROM audit)"
    " BEGIN SELECT RAISE(ABORT, 'the audit log only grows'); END",
)

for audit_trigger in AUDIT_TRIGGERS:
    create_with(audit, audit_trigger)
