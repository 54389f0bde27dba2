"""Redaction: records as a reader sees them who may see some fields of their kinds alone."""

from collections.abc import Sequence

import orjson

from jorge_data.events import Record
from jorge_data.permissions import ENVELOPE, Fields


def redact(records: Sequence[Record], fields: Fields | None) -> Sequence[Record]:
    """Return records without the fields that may not be seen; None leaves them as they are.

    Their subject, which names a contact, is null then.
    """
    return records if fields is None else [_redacted(record, fields) for record in records]


def _redacted(record: Record, fields: Fields) -> Record:
    seen = fields.by_kind.get(record.type)
    if seen is None:
        return record
    event = orjson.loads(record.wire)
    attributes = {name: value if name in ENVELOPE else None for name, value in event.items()}
    attributes["data"] = {name: value for name, value in event["data"].items() if name in seen}
    return record._replace(wire=orjson.dumps(attributes))
