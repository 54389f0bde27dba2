"""Redaction: records without the fields that their reader may not see."""

from collections.abc import Sequence

import orjson

from jorge_data.events import Record
from jorge_data.permissions import ENVELOPE, Fields


def redact(records: Sequence[Record], fields: Fields | None) -> Sequence[Record]:
    """Return records with these fields of their kinds alone; None leaves them as they are.

    Of a redacted record the subject, which names a contact, is null.
    """
    return records if fields is None else [_redacted(record, fields) for record in records]


def _redacted(record: Record, fields: Fields) -> Record:
    visible = fields.by_kind.get(record.type)
    if visible is None:
        return record
    event = orjson.loads(record.wire)
    attributes = {name: value if name in ENVELOPE else None for name, value in event.items()}
    attributes["data"] = {name: value for name, value in event["data"].items() if name in visible}
    return record._replace(wire=orjson.dumps(attributes))
