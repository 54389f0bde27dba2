"""The event contract as JSON Schema, for publishers in other languages."""

from typing import Any

from pydantic import TypeAdapter

from jorge_data.events.cloudevents import SPECVERSION
from jorge_data.events.kinds import KINDS
from jorge_data.events.timestamps import MOMENT_SCHEMA
from jorge_data.events.validation import LOCATION, MAX_EVENT_BYTES, MAX_EVENTS, MAX_PUBLISH_BYTES

_NAME = r"^[^\u0000]{1,128}$"


def json_schema() -> dict[str, Any]:
    """Return the schema of one event as a publisher may send it; null means the same as missing."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Event",
        "description": (
            f"One event is at most {MAX_EVENT_BYTES} bytes; "
            f"one publish at most {MAX_EVENTS} events and {MAX_PUBLISH_BYTES} bytes."
        ),
        "type": "object",
        "required": ["source", "type"],
        "anyOf": [{"required": ["data"]}, {"required": ["data_base64"], "not": {"required": ["data"]}}],
        "properties": {
            "id": {"type": ["string", "null"], "pattern": _NAME},
            "source": {"type": "string", "pattern": _NAME},
            "type": {"enum": list(KINDS)},
            "subject": {"type": ["string", "null"], "pattern": _NAME},
            "time": {"type": ["string", "null"], "pattern": f"^{MOMENT_SCHEMA}$"},
            "locationid": {"type": ["string", "null"], "pattern": f"^{LOCATION.pattern}$"},
            "data": {"type": "object"},
            "data_base64": {"description": "`data` as JSON in base64", "type": "string", "contentEncoding": "base64"},
            "specversion": {"enum": [SPECVERSION, None]},
        },
        "oneOf": [{"properties": {"type": {"const": name}, "data": {"$ref": f"#/$defs/{name}"}}} for name in KINDS],
        "$defs": {name: _data_schema(name) for name in KINDS},
    }


def _data_schema(kind: str) -> dict[str, Any]:
    schema = TypeAdapter(KINDS[kind]).json_schema(ref_template=f"#/$defs/{kind}/$defs/{{model}}")
    return _or_by_lead(schema) if kind == "property_alert" else schema


def _or_by_lead(schema: dict[str, Any]) -> dict[str, Any]:
    """Let `lead_id` stand for `contact_id`."""
    required = [name for name in schema["required"] if name != "contact_id"]
    lead = {"required": ["lead_id"], "properties": {"lead_id": schema["properties"]["contact_id"]}}
    return {**schema, "required": required, "anyOf": [{"required": ["contact_id"]}, lead]}
