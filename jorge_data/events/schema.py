"""The contract as JSON Schema, for those who publish from other languages."""

from typing import Any

from pydantic import TypeAdapter

from jorge_data.events.kinds import KINDS
from jorge_data.events.validation import MAX_EVENT_BYTES, MAX_EVENTS, MAX_PUBLISH_BYTES


def json_schema() -> dict[str, Any]:
    """Return the schema of one event: the envelope, and for each kind what its data must be."""
    kinds = {
        name: TypeAdapter(kind).json_schema(ref_template=f"#/$defs/{name}/$defs/{{model}}")
        for name, kind in KINDS.items()
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Event",
        "description": (
            f"One event is at most {MAX_EVENT_BYTES} bytes; "
            f"one publish at most {MAX_EVENTS} events and {MAX_PUBLISH_BYTES} bytes."
        ),
        "type": "object",
        "required": ["source", "type", "data"],
        "properties": {
            "id": {"type": "string", "minLength": 1, "maxLength": 128},
            "source": {"type": "string", "minLength": 1, "maxLength": 128},
            "type": {"enum": list(KINDS)},
            "subject": {"type": ["string", "null"], "minLength": 1, "maxLength": 128},
            "time": {"type": "string", "format": "date-time"},
            "locationid": {"type": "string", "pattern": "^[A-Za-z0-9._~-]{1,128}$"},
            "data": {"type": "object"},
        },
        "oneOf": [{"properties": {"type": {"const": name}, "data": {"$ref": f"#/$defs/{name}"}}} for name in KINDS],
        "$defs": kinds,
    }
